"""Batches for the tax agency-collection client, its answer line by line, and the layouts of the files (PJ-5.2.2)."""

from __future__ import annotations

from django.db import models

from yingbao.accounts.models import User
from yingbao.collection.kinds import AnswerState, DeclarationKind, LayoutKind
from yingbao.collection.models.dues import Due
from yingbao.collection.models.payments import PaymentLine
from yingbao.divisions.models import Division
from yingbao.storage.fields import FenField, not_negative, one_of


class Declaration(models.Model):
    """A batch sent through the tax agency-collection client. ``cleared_on``: when its last line was answered for."""

    kind = models.CharField(max_length=12, choices=DeclarationKind.choices)
    division = models.ForeignKey(Division, models.PROTECT)
    agent = models.ForeignKey(User, models.PROTECT, related_name="declarations")
    year = models.PositiveSmallIntegerField()
    declared_on = models.DateField()
    persons = models.PositiveIntegerField()
    amount_fen = FenField()
    cleared_on = models.DateField(null=True)

    class Meta:
        constraints = (one_of("kind", DeclarationKind), not_negative("amount_fen"))
        indexes = (models.Index(fields=["division", "declared_on"], name="collection_declaration_day"),)


class DeclarationLine(models.Model):
    """One person's money in a batch, ``payment_line`` null where nothing was owed; what was refused goes again.

    ``amount_fen`` is what was declared, whatever the due becomes later.
    """

    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="lines")
    due = models.ForeignKey(Due, models.PROTECT, related_name="declaration_lines")
    payment_line = models.ForeignKey(PaymentLine, models.PROTECT, null=True, related_name="declaration_lines")
    amount_fen = FenField()
    state = models.CharField(
        max_length=12, choices=AnswerState.choices, default=AnswerState.SENT, db_default=AnswerState.SENT.value
    )
    answered_on = models.DateField(null=True)
    reason = models.CharField(max_length=200, blank=True, default="", db_default="")

    class Meta:
        constraints = (
            one_of("state", AnswerState),
            not_negative("amount_fen"),
            models.UniqueConstraint(
                fields=["payment_line"],
                condition=~models.Q(state="refused"),
                name="collection_money_declared_once",
            ),
            models.UniqueConstraint(
                fields=["due"],
                condition=~models.Q(state="refused") & models.Q(payment_line__isnull=True),
                name="collection_zero_declared_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="refused") | ~models.Q(reason=""),
                name="collection_refusal_has_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(state="sent", answered_on__isnull=True)
                | (~models.Q(state="sent") & models.Q(answered_on__isnull=False)),
                name="collection_answer_has_a_day",
            ),
        )


class ExchangeLayout(models.Model):
    """How a district names and orders the columns of a file it exchanges with the tax client; the newest counts.

    ``columns``: [[our field, their heading], …] in their order.
    """

    division = models.ForeignKey(Division, models.PROTECT)
    kind = models.CharField(max_length=12, choices=LayoutKind.choices)
    columns = models.JSONField()
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints = (one_of("kind", LayoutKind),)
        indexes = (models.Index(fields=["division", "kind", "-id"], name="collection_layout_newest"),)
