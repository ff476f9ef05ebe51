"""Single forms: spoiled, missing, found, ended blank; the second look, writing off, and the stubs of POS vouchers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from yingbao.accounts.roles import Right
from yingbao.collection.receipts import queries as stock
from yingbao.usecases.receipt_forms import (
    find_receipt,
    lose_blanks,
    report_missing_receipt,
    spoil_blanks,
    void_receipt,
)
from yingbao.usecases.reissue_receipt import reissue_receipt
from yingbao.usecases.review_receipts import refuse_receipt, review_receipts, write_off_book
from yingbao.usecases.stubs import file_stubs, stub_due_on
from yingbao.web import policies
from yingbao.web.clock import read_now, read_today
from yingbao.web.doors import changes, shows
from yingbao.web.requests import WebRequest, new_key, paginate, read_key, read_number, read_numbers, read_text


@changes(Right.COLLECT)
def void(request: WebRequest, receipt_id: int) -> HttpResponse:
    """Void a spoiled receipt; the payment gets the next number at once."""
    key = read_key(request)
    reason = read_text(request, "reason", limit=200)
    void_receipt(request.actor, receipt_id=receipt_id, reason=reason, on=read_today(), key=key, at=read_now())
    messages.success(request, _("原收据已作废，已用下一号重开。请打印新收据，作废的原件留存待复核。"))
    return redirect("payment", payment_id=stock.receipt(request.actor, receipt_id).payment_id or 0)


@changes(Right.COLLECT)
def reissue(request: WebRequest, payment_id: int) -> HttpResponse:
    """Give who stayed after a refund a receipt of their own."""
    reissue_receipt(request.actor, payment_id=payment_id, on=read_today(), key=read_key(request), at=read_now())
    messages.success(request, _("已给留下的人补开收据，请打印交给缴费人。"))
    return redirect("payment", payment_id=payment_id)


@changes(Right.COLLECT)
def report_missing(request: WebRequest, receipt_id: int) -> HttpResponse:
    """Say that a used form, its stub or its receipt, is missing."""
    key = read_key(request)
    report_missing_receipt(request.actor, receipt_id=receipt_id, on=read_today(), key=key, at=read_now())
    messages.success(request, _("已登记票据遗失，转为待办事项。"))
    return _to_book(request, receipt_id)


@changes(Right.COLLECT)
def found(request: WebRequest, receipt_id: int) -> HttpResponse:
    """Say that a lost form was found again."""
    find_receipt(request.actor, receipt_id=receipt_id, on=read_today(), key=read_key(request), at=read_now())
    messages.success(request, _("已登记找回。"))
    return _to_book(request, receipt_id)


def _to_book(request: WebRequest, receipt_id: int) -> HttpResponse:
    return redirect("receipt-book", book_id=stock.receipt(request.actor, receipt_id).book_id)


@changes(Right.COLLECT)
def end_blanks(request: WebRequest, book_id: int) -> HttpResponse:
    """Note unused forms as spoiled or lost."""
    key = read_key(request)
    end = lose_blanks if request.POST.get("what") == "lost" else spoil_blanks
    told = end(
        request.actor,
        book_id=book_id,
        first=read_number(request, "first"),
        last=read_number(request, "last"),
        reason=read_text(request, "reason", limit=200),
        on=read_today(),
        key=key,
        at=read_now(),
    )
    messages.success(request, _("已登记 %(n)s 张，待他人复核。") % {"n": len(told["forms"])})
    return redirect("receipt-book", book_id=book_id)


@shows(Right.SEE_MONEY)
def reviews(request: WebRequest) -> HttpResponse:
    """List the void and lost forms that another person is to look at."""
    page = paginate(request, stock.to_review(request.actor))
    context = {"page": page, "tab": "reviews", "waiting": page.paginator.count, "key": new_key()}
    return render(request, "web/receipt_reviews.html", context)


@changes(Right.REVIEW_RECEIPTS)
def review(request: WebRequest) -> HttpResponse:
    """Note that the ticked forms have been seen; back to where they were ticked."""
    key = read_key(request)
    ids = read_numbers(request, "receipt")
    told = review_receipts(request.actor, receipt_ids=ids, on=read_today(), key=key, at=read_now())
    messages.success(request, _("已复核 %(n)s 张。") % {"n": told["reviewed"]})
    return _to_book(request, ids[0]) if request.POST.get("from") == "book" else redirect("receipt-reviews")


@changes(Right.REVIEW_RECEIPTS)
def refuse(request: WebRequest, receipt_id: int) -> HttpResponse:
    """Say that a form is not in order, and why."""
    key = read_key(request)
    reason = read_text(request, "reason", limit=200)
    refuse_receipt(request.actor, receipt_id=receipt_id, reason=reason, on=read_today(), key=key, at=read_now())
    messages.success(request, _("复核未通过，事项退回经手人。"))
    return redirect("receipt-reviews")


@changes(Right.REVIEW_RECEIPTS)
def write_off(request: WebRequest, book_id: int) -> HttpResponse:
    """Write a book off, or note which of its stubs are missing."""
    key = read_key(request)
    missing = read_text(request, "missing")
    told = write_off_book(request.actor, book_id=book_id, missing=missing, on=read_today(), key=key, at=read_now())
    if told["written_off"]:
        messages.success(request, _("收据本已核销。"))
    else:
        words = {"n": told["missing"]}
        messages.warning(request, _("登记缺号 %(n)s 张，复核后才能核销。") % words, extra_tags="warn")
    return redirect("receipt-book", book_id=book_id)


@shows(Right.SEE_MONEY)
def stubs(request: WebRequest) -> HttpResponse:
    """List the POS payments whose stubs wait to be filed, or those filed (BN-4.3.2)."""
    year, filed = policies.current().year, request.GET.get("state") == "filed"
    found = stock.pos_payments(request.actor, year=year).filter(stub__isnull=not filed)
    page = paginate(request, found)
    context = {
        "page": page,
        "rows": [(one, stub_due_on(one.collected_on)) for one in page],
        "filed": filed,
        "tab": "stubs",
        "waiting": stock.to_review(request.actor).count(),
        "key": new_key(),
    }
    return render(request, "web/stubs.html", context)


@changes(Right.REVIEW_RECEIPTS)
def file(request: WebRequest) -> HttpResponse:
    """File the ticked stubs."""
    key = read_key(request)
    told = file_stubs(
        request.actor,
        payment_ids=read_numbers(request, "payment"),
        year=policies.current().year,
        on=read_today(),
        key=key,
        at=read_now(),
    )
    messages.success(request, _("已归档 %(n)s 份POS存根。") % {"n": told["filed"]})
    return redirect("stubs")
