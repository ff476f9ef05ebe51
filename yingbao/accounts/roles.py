"""Who may do what: one table, read top to bottom. Scope (where) is the user's division; this is only what."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """The roles of the work on paper."""

    BUREAU = "bureau", _("区医保局")
    TAX = "tax", _("区税务局")
    DEPARTMENT = "department", _("主管部门")
    TOWN = "town", _("镇街社保所")
    VILLAGE = "village", _("村（社区）经办员")
    INSTITUTION = "institution", _("学校、福利机构经办员")
    AUDITOR = "auditor", _("审计")
    ADMINISTRATOR = "administrator", _("系统管理员")
    RESIDENT = "resident", _("居民")
    CHANNEL = "channel", _("缴费渠道")  # a machine account that brings what was paid online; nobody logs in as it


class Right(StrEnum):
    """What a door or a use case asks for before it goes on."""

    SEE_PROGRESS = "see-progress"
    SEE_RESIDENTS = "see-residents"
    SEE_MONEY = "see-money"
    SEE_WORK_ITEMS = "see-work-items"
    SEE_ROSTERS = "see-rosters"
    SEE_SETTLEMENT = "see-settlement"
    SEE_NOTICES = "see-notices"
    SEE_AUDIT = "see-audit"
    SEE_OWN_HOUSEHOLD = "see-own-household"
    IMPORT_REGISTER = "import-register"
    IMPORT_TARGETS = "import-targets"
    UPLOAD_ROSTER = "upload-roster"
    ACCEPT_ROSTER = "accept-roster"
    ENROL = "enrol"
    COLLECT = "collect"
    DEPOSIT = "deposit"
    HAND_RECEIPTS = "hand-receipts"
    DECLARE = "declare"
    CLEAR = "clear"
    EXTRACT_SETTLEMENT = "extract-settlement"
    PUBLISH_NOTICE = "publish-notice"
    APPROVE_NOTICE = "approve-notice"
    REPORT_PROGRESS = "report-progress"
    CLOSE_WORK_ITEM = "close-work-item"
    MANAGE_USERS = "manage-users"
    SIMULATE_POLICY = "simulate-policy"
    REASSESS = "reassess"
    EDIT_REGISTER = "edit-register"
    EDIT_CONTACT = "edit-contact"
    IMPORT_ELSEWHERE = "import-elsewhere"
    DECIDE_MATCH = "decide-match"
    SUBMIT_ELIGIBILITY = "submit-eligibility"
    REVIEW_ELIGIBILITY = "review-eligibility"
    SEE_FULL_NUMBERS = "see-full-numbers"
    EXPORT_RESIDENTS = "export-residents"
    MANAGE_ALIASES = "manage-aliases"
    CONFIRM_IDENTITY = "confirm-identity"
    ASSIGN_MENDING = "assign-mending"
    STOCK_RECEIPTS = "stock-receipts"
    REVIEW_RECEIPTS = "review-receipts"
    SET_SEAL = "set-seal"
    SET_LAYOUT = "set-layout"
    ASK_REFUND = "ask-refund"
    DECIDE_REFUND = "decide-refund"
    PAY_REFUND = "pay-refund"
    SETTLE_KEPT = "settle-kept"
    ENROL_INSTITUTION = "enrol-institution"
    MANAGE_INSTITUTIONS = "manage-institutions"
    PAY_ONLINE = "pay-online"


_SEE_ALL = frozenset(
    {
        Right.SEE_PROGRESS,
        Right.SEE_RESIDENTS,
        Right.SEE_MONEY,
        Right.SEE_WORK_ITEMS,
        Right.SEE_ROSTERS,
        Right.SEE_SETTLEMENT,
        Right.SEE_NOTICES,
        Right.SEE_AUDIT,
    }
)

# The register and the lists that say what holds of its people: the town office's work, and the bureau's above it.
_KEEP_THE_REGISTER = frozenset(
    {
        Right.IMPORT_REGISTER,
        Right.IMPORT_ELSEWHERE,
        Right.EDIT_REGISTER,
        Right.EDIT_CONTACT,
        Right.DECIDE_MATCH,
        Right.SUBMIT_ELIGIBILITY,
        Right.REVIEW_ELIGIBILITY,
        Right.SEE_FULL_NUMBERS,
        Right.EXPORT_RESIDENTS,
        Right.ASSIGN_MENDING,
    }
)

RIGHTS: dict[str, frozenset[Right]] = {
    Role.BUREAU: _SEE_ALL
    | _KEEP_THE_REGISTER
    | {
        Right.IMPORT_TARGETS,
        Right.ACCEPT_ROSTER,
        Right.EXTRACT_SETTLEMENT,
        Right.REPORT_PROGRESS,
        Right.CLOSE_WORK_ITEM,
        Right.SIMULATE_POLICY,
        Right.REASSESS,
        Right.MANAGE_ALIASES,
        Right.STOCK_RECEIPTS,
        Right.SET_LAYOUT,
        Right.DECIDE_REFUND,
        Right.SETTLE_KEPT,
        Right.MANAGE_INSTITUTIONS,
    },
    Role.TAX: frozenset(
        {
            Right.SEE_PROGRESS,
            Right.SEE_MONEY,
            Right.SEE_WORK_ITEMS,
            Right.SEE_SETTLEMENT,
            Right.CLEAR,
            Right.EXTRACT_SETTLEMENT,
            Right.SET_LAYOUT,
            Right.PAY_REFUND,
        }
    ),
    # Sums only, never a person: what a change costs the department itself and the others.
    Role.DEPARTMENT: frozenset({Right.SEE_ROSTERS, Right.SEE_SETTLEMENT, Right.UPLOAD_ROSTER, Right.SIMULATE_POLICY}),
    Role.TOWN: (_SEE_ALL - {Right.SEE_AUDIT, Right.SEE_ROSTERS})
    | _KEEP_THE_REGISTER
    | {
        Right.ENROL,
        Right.COLLECT,
        Right.DEPOSIT,
        Right.HAND_RECEIPTS,
        Right.DECLARE,
        Right.APPROVE_NOTICE,
        Right.REPORT_PROGRESS,
        Right.CLOSE_WORK_ITEM,
        Right.CONFIRM_IDENTITY,
        Right.REVIEW_RECEIPTS,
        Right.SET_SEAL,
        Right.ASK_REFUND,
        Right.DECIDE_REFUND,
        Right.PAY_REFUND,
        Right.ENROL_INSTITUTION,
        Right.MANAGE_INSTITUTIONS,
    },
    Role.VILLAGE: frozenset(
        {
            Right.SEE_PROGRESS,
            Right.SEE_RESIDENTS,
            Right.SEE_MONEY,
            Right.SEE_WORK_ITEMS,
            Right.SEE_NOTICES,
            Right.ENROL,
            Right.COLLECT,
            Right.DEPOSIT,
            Right.DECLARE,
            Right.PUBLISH_NOTICE,
            Right.EDIT_CONTACT,
            Right.SUBMIT_ELIGIBILITY,
            Right.ASK_REFUND,
            Right.PAY_REFUND,
        }
    ),
    # An institution sees its own list of people only.
    Role.INSTITUTION: frozenset({Right.SEE_NOTICES, Right.ENROL_INSTITUTION}),
    Role.AUDITOR: _SEE_ALL | {Right.SIMULATE_POLICY, Right.SEE_FULL_NUMBERS, Right.EXPORT_RESIDENTS},
    Role.ADMINISTRATOR: frozenset({Right.MANAGE_USERS}),
    Role.RESIDENT: frozenset({Right.SEE_OWN_HOUSEHOLD, Right.PAY_ONLINE}),
    Role.CHANNEL: frozenset({Right.ENROL, Right.COLLECT}),
}
