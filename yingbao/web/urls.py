"""The pages' addresses: nouns, ids, and nothing of a resident beyond an id."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter, StringConverter

from yingbao.web.pages import (
    accounts,
    bulk,
    changing,
    confirmations,
    counter,
    day,
    duplicates,
    editing,
    eligibility,
    explain,
    files,
    finding,
    guide,
    history,
    home,
    households,
    matches,
    money,
    notices,
    online,
    orders,
    payments,
    policy,
    policy_diff,
    policy_sheet,
    progress,
    quality,
    receipts,
    registering,
    residents,
    reveal,
    rosters,
    serving,
    session,
    settlement,
    simulate,
    work,
)


class PolicyName(StringConverter):
    """A pack's name, e.g. liangping-2023, or liangping-2023-july for an amendment."""

    regex = "[a-z][a-z0-9-]*"


class Day(StringConverter):
    """A day, as 2022-12-20."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"


class OrderNumber(StringConverter):
    """An order's number, as YB20221215 and twelve signs."""

    regex = "YB[0-9]{8}[2-9A-Z]{12}"


class Id(IntConverter):
    """A record's id: no longer than the database can hold, so that anything else is simply not there."""

    regex = "[0-9]{1,18}"


register_converter(Id, "id")
register_converter(PolicyName, "pack")
register_converter(Day, "day")
register_converter(OrderNumber, "order")

urlpatterns = [
    path("", home.home, name="home"),
    path("login/", session.log_in, name="login"),
    path("logout/", session.log_out, name="logout"),
    path("language/", session.choose_language, name="language"),
    path("theme/", session.choose_theme, name="theme"),
    path("residents/", finding.residents, name="residents"),
    path("residents/search/", finding.search, name="search-residents"),
    path("residents/bulk/", bulk.ask_bulk, name="ask-bulk"),
    path("residents/bulk/confirm/", bulk.bulk, name="bulk"),
    path("residents/export/", bulk.export, name="export"),
    path("residents/export.xlsx", bulk.export_file, name="export-file"),
    path("residents/filters/", finding.keep_filter, name="keep-filter"),
    path("residents/filters/<id:filter_id>/name/", finding.call_filter, name="call-filter"),
    path("residents/filters/<id:filter_id>/drop/", finding.drop_filter, name="drop-filter"),
    path("residents/new/", registering.form, name="register-resident"),
    path("residents/new/save/", registering.register, name="save-new-resident"),
    path("residents/platform/", editing.register_platform, name="register-platform"),
    path("residents/<id:resident_id>/edit/", editing.edit, name="edit-resident"),
    path("residents/<id:resident_id>/edit/save/", editing.save, name="save-resident"),
    path("residents/<id:resident_id>/certificate/", editing.renew, name="change-certificate"),
    path("residents/<id:resident_id>/leaving/", editing.leave, name="record-leaving"),
    path("residents/<id:resident_id>/restore/", editing.restore, name="restore-resident"),
    path("residents/<id:resident_id>/history/", history.resident_history, name="resident-history"),
    path("households/next-number/", registering.next_number, name="next-number"),
    path("households/<id:household_id>/change/", changing.change, name="change-household"),
    path("households/<id:household_id>/change/save/", changing.save, name="save-household"),
    path("households/<id:household_id>/history/", history.household_history, name="household-history"),
    path("residents/<id:resident_id>/", residents.resident, name="resident"),
    path("residents/<id:resident_id>/decision/", explain.decision, name="decision"),
    path("residents/<id:resident_id>/decision.pdf", explain.decision_pdf, name="decision-pdf"),
    path("residents/<id:resident_id>/eligibility/", eligibility.eligibility, name="eligibility"),
    path("residents/<id:resident_id>/eligibility/submit/", eligibility.submit, name="submit-eligibility"),
    path("residents/<id:resident_id>/reveal/", reveal.reveal, name="reveal"),
    path("residents/<id:resident_id>/reveal/now/", reveal.reveal_now, name="reveal-now"),
    path("eligibility/", eligibility.reviews, name="reviews"),
    path("eligibility/<id:review_id>/", eligibility.review, name="review"),
    path("eligibility/<id:review_id>/decide/", eligibility.decide, name="decide-review"),
    path("attachments/<id:attachment_id>/", eligibility.attachment, name="attachment"),
    path("households/<id:household_id>/", households.household, name="household"),
    path("households/<id:household_id>/enrol/", counter.enrol, name="enrol"),
    path("households/<id:household_id>/pay/", counter.pay, name="pay"),
    path("counter/", serving.counter, name="counter"),
    path("counter/find/", serving.find, name="counter-find"),
    path("counter/<id:household_id>/", serving.household, name="counter-household"),
    path("counter/<id:household_id>/bill/", serving.bill, name="counter-bill"),
    path("counter/<id:household_id>/serve/", serving.serve, name="serve"),
    path("counter/paid/<id:payment_id>/", serving.paid, name="counter-paid"),
    path("orders/<order:number>/", orders.order, name="order"),
    path("orders/<order:number>/close/", orders.close, name="close-order"),
    path("orders/<order:number>/phone/", orders.phone, name="phone"),
    path("orders/<order:number>/phone/pay/", orders.phone_pay, name="phone-pay"),
    path("online/", online.online, name="online"),
    path("online/bill/", online.bill, name="online-bill"),
    path("online/order/", online.order, name="order-online"),
    path("online/another/", online.another, name="another"),
    path("online/another/find/", online.find, name="find-payee"),
    path("online/another/bill/", online.another_bill, name="another-bill"),
    path("online/another/order/", online.another_order, name="order-another"),
    path("guide/paying/", guide.pay_guide, name="pay-guide"),
    path("payments/", payments.payments, name="payments"),
    path("payments/<id:payment_id>/", payments.payment, name="payment"),
    path("payments/<id:payment_id>/receipt.pdf", payments.receipt_pdf, name="receipt-pdf"),
    path("day/", day.day, name="day"),
    path("day/deposit/", day.deposit, name="deposit"),
    path("day/declare-cash/", day.declare_cash_now, name="declare-cash"),
    path("day/declare-zero/", day.declare_zero_now, name="declare-zero"),
    path("work/", work.work, name="work"),
    path("work/<id:item_id>/close/", work.close, name="close-work"),
    path("quality/", quality.quality, name="quality"),
    path("quality/assign/", quality.assign, name="assign-mending"),
    path("progress/", progress.progress, name="progress"),
    path("progress/report/", progress.report, name="report-week"),
    path("progress/<day:cut_off>/", progress.week, name="week"),
    path("progress/<day:cut_off>.xlsx", progress.week_file, name="week-file"),
    path("money/", money.money, name="money"),
    path("money/transfers/", money.transfers, name="transfers"),
    path("money/entries/<uuid:entry_id>/", money.entry, name="entry"),
    path("money/deposits/", money.deposits, name="deposits"),
    path("money/declarations/", money.declarations, name="declarations"),
    path("money/declarations/<id:declaration_id>/clear/", money.clear, name="clear"),
    path("money/proofs/", money.proofs, name="proofs"),
    path("receipts/", receipts.receipts, name="receipts"),
    path("receipts/hand/", receipts.hand, name="hand-receipts"),
    path("receipts/<id:receipt_id>/missing/", receipts.report_missing, name="report-missing"),
    path("settlements/", settlement.settlements, name="settlements"),
    path("settlements/extract/", settlement.extract, name="extract"),
    path("settlements/<id:list_id>/", settlement.settlement, name="settlement"),
    path("settlements/<id:list_id>.xlsx", settlement.settlement_file, name="settlement-file"),
    path("notices/", notices.notices, name="notices"),
    path("notices/draw-up/", notices.draw_up, name="draw-up-notice"),
    path("notices/<id:notice_id>/approve/", notices.approve, name="approve-notice"),
    path("notices/<id:notice_id>.pdf", notices.notice_pdf, name="notice-pdf"),
    path("files/", files.files, name="files"),
    path("files/upload/", files.upload, name="upload"),
    path("files/<id:file_id>/", files.file, name="file"),
    path("files/<id:file_id>/accept/", files.accept, name="accept-file"),
    path("files/<id:file_id>/discard/", files.discard, name="discard-file"),
    path("files/<id:file_id>/withdraw/", files.withdraw, name="withdraw-file"),
    path("files/<id:file_id>/differences/", rosters.differences, name="differences"),
    path("files/<id:file_id>/differences.xlsx", rosters.differences_file, name="differences-file"),
    path("rosters/template/", rosters.template, name="roster-template"),
    path("rosters/template/file/", rosters.template_file, name="roster-template-file"),
    path("aliases/", rosters.aliases, name="aliases"),
    path("aliases/add/", rosters.add, name="add-alias"),
    path("aliases/<id:alias_id>/remove/", rosters.remove, name="remove-alias"),
    path("identities/", confirmations.confirmations, name="confirmations"),
    path("identities/confirm/", confirmations.confirm, name="confirm-identities"),
    path("identities/<id:identity_id>/object/", confirmations.object_to, name="object-to-identity"),
    path("files/<id:file_id>/rejects.xlsx", files.rejects, name="rejects"),
    path("matches/", matches.matches, name="matches"),
    path("matches/<id:question_id>/decide/", matches.decide, name="decide-match"),
    path("matches/<id:question_id>/revise/", matches.revise, name="revise-match"),
    path("duplicates/", duplicates.pairs, name="duplicates"),
    path("duplicates/merge/", duplicates.merge, name="merge-residents"),
    path("duplicates/apart/", duplicates.apart, name="tell-apart"),
    path("policy/", policy.policies, name="policies"),
    path("policy/diff/", policy_diff.choose, name="choose-policy-diff"),
    path("policy/<pack:name>/", policy.policy, name="policy"),
    path("policy/<pack:name>/sheet/", policy_sheet.policy_sheet, name="policy-sheet"),
    path("policy/<pack:name>/diff/<pack:other>/", policy_diff.policy_diff, name="policy-diff"),
    path("policy/<pack:name>/explain/", explain.work_out, name="work-out"),
    path("policy/<pack:name>/rules/<str:rule_id>/", policy.rule, name="rule"),
    path("simulate/", simulate.simulate, name="simulate"),
    path("simulate.xlsx", simulate.simulate_file, name="simulate-file"),
    path("audit/", accounts.audit, name="audit"),
    path("users/", accounts.users, name="users"),
]
