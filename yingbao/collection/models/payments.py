"""Money taken, and what each part of it paid for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from yingbao.accounts.models import User
from yingbao.collection.kinds import STANDING_FORMS, Channel, DueState, LineKind, ReceiptState
from yingbao.collection.models.dues import Due
from yingbao.divisions.models import Division
from yingbao.registry.models import Household, Resident
from yingbao.storage.fields import FenField, one_of

if TYPE_CHECKING:
    from yingbao.collection.models.receipts import Receipt


class Payment(models.Model):
    """Money taken at one moment from one payer for people of one household. Append-only; undone by refunds.

    ``reference``: the channel's own number of it, or that of the POS voucher with its ``terminal``. Online it is
    ``collected_by`` the channel's system user, or the officer who found out for whom money kept for nobody had come.
    """

    household = models.ForeignKey(Household, models.PROTECT, related_name="payments")
    division = models.ForeignKey(Division, models.PROTECT)
    year = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=20, choices=Channel.choices)
    collected_on = models.DateField()
    amount_fen = FenField()
    collected_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    received_at = models.DateTimeField()
    reference = models.CharField(max_length=64, blank=True, default="", db_default="")
    terminal = models.CharField(max_length=20, blank=True, default="", db_default="")

    class Meta:
        constraints = (
            one_of("channel", Channel),
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="collection_payment_positive"),
            models.UniqueConstraint(
                fields=["channel", "terminal", "reference"],
                condition=~models.Q(reference=""),
                name="collection_payment_reference_once",
            ),
        )
        indexes = (
            models.Index(fields=["division", "collected_on"], name="collection_payment_day"),
            models.Index(fields=["collected_by", "collected_on"], name="collection_payment_agent_day"),
        )

    @property
    def receipt(self) -> Receipt | None:
        """The receipt that stands for this payment, if any: issued, or else taken back or lost since, the newest.

        Wants them prefetched.
        """
        forms = sorted(self.receipts.all(), key=lambda one: (one.state == ReceiptState.ISSUED, one.pk), reverse=True)
        return next((one for one in forms if one.state in STANDING_FORMS), None)

    @property
    def stated_fen(self) -> int:
        """What its receipt states: of who stayed after a refund, theirs alone. Wants receipts and lines prefetched."""
        form, fen = self.receipt, int(self.amount_fen)
        if form is not None and form.stated is not None:
            fen = sum(line.amount_fen for line in self.lines.all() if line.pk in form.stated)
        return fen

    @property
    def owes_receipt(self) -> bool:
        """Whether a refund took people off its receipt and who stays has none yet (BN-4.3.3b).

        A lost form that says who stays still counts: the payer may have it. Wants receipts, and lines with their dues,
        prefetched.
        """
        forms = self.receipts.all()
        if not forms or any(one.state == ReceiptState.ISSUED for one in forms):
            return False
        gone = {line.pk for line in self.lines.all() if line.due is not None and line.due.state == DueState.CANCELLED}
        lost = [one.stated for one in forms if one.state == ReceiptState.LOST and one.stated is not None]
        if any(gone.isdisjoint(stated) for stated in lost):
            return False
        ended = {line.due.state == DueState.CANCELLED for line in self.lines.all() if line.due is not None}
        return ended == {True, False}


class PaymentLine(models.Model):
    """The part of a payment that one person's due took; a surplus waits to be refunded. Append-only.

    ``decided`` is what the person had been told they owe, and why, when the money was taken: ``tier``, ``rate_fen``,
    ``subsidy_fen``, ``payable_fen``, ``identity``, ``policy``. The receipt says this, whatever is decided later;
    null where it was not kept.
    """

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="lines")
    resident = models.ForeignKey(Resident, models.PROTECT)
    due = models.ForeignKey(Due, models.PROTECT, null=True, related_name="lines")
    kind = models.CharField(max_length=12, choices=LineKind.choices)
    amount_fen = FenField()
    decided = models.JSONField(null=True)

    class Meta:
        constraints = (
            one_of("kind", LineKind),
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="collection_line_positive"),
            models.UniqueConstraint(fields=["due"], condition=models.Q(kind="due"), name="collection_due_paid_once"),
        )


class PosStub(models.Model):
    """The stub of a POS voucher that the town has filed (BN-4.3.2)."""

    payment = models.OneToOneField(Payment, models.PROTECT, related_name="stub")
    filed_on = models.DateField()
    filed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
