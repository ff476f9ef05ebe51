"""Dues, payments, receipts, deposits, declarations. Collection, deposit, declaration and clearing are four dates."""

from __future__ import annotations

from django.db import models

from yingbao.accounts.models import User
from yingbao.collection.kinds import Channel, DeclarationKind, DueState, LineKind, ReceiptState
from yingbao.divisions.models import Division
from yingbao.enrolment.models import Enrolment
from yingbao.registry.models import Household, Resident
from yingbao.storage.fields import FenField, not_negative, one_of


class Due(models.Model):
    """What one enrolment still asks of the person; the decision behind it is the enrolment's."""

    enrolment = models.OneToOneField(Enrolment, models.PROTECT, related_name="due")
    division = models.ForeignKey(Division, models.PROTECT)
    amount_fen = FenField()
    state = models.CharField(max_length=12, choices=DueState.choices, default=DueState.OPEN)
    collected_on = models.DateField(null=True)
    declared_on = models.DateField(null=True)
    cleared_on = models.DateField(null=True)

    class Meta:
        constraints = (
            one_of("state", DueState),
            not_negative("amount_fen"),
            models.CheckConstraint(
                condition=models.Q(state=DueState.CLEARED, cleared_on__isnull=False)
                | (~models.Q(state=DueState.CLEARED) & models.Q(cleared_on__isnull=True)),
                name="collection_due_cleared_has_a_date",
            ),
        )
        indexes = (models.Index(fields=["state", "division"], name="collection_due_state_division"),)


class Payment(models.Model):
    """Money taken at one moment from one payer for people of one household. Never changed; undone by reversal."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="payments")
    division = models.ForeignKey(Division, models.PROTECT)
    year = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=20, choices=Channel.choices)
    collected_on = models.DateField()
    amount_fen = FenField()
    collected_by = models.ForeignKey(User, models.PROTECT, related_name="+")  # online: the channel's system user
    received_at = models.DateTimeField()

    class Meta:
        constraints = (
            one_of("channel", Channel),
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="collection_payment_positive"),
        )
        indexes = (
            models.Index(fields=["division", "collected_on"], name="collection_payment_day"),
            models.Index(fields=["collected_by", "collected_on"], name="collection_payment_agent_day"),
        )


class PaymentLine(models.Model):
    """The part of a payment that one person's due took; a surplus waits to be refunded."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="lines")
    resident = models.ForeignKey(Resident, models.PROTECT)
    due = models.ForeignKey(Due, models.PROTECT, null=True, related_name="lines")
    kind = models.CharField(max_length=12, choices=LineKind.choices)
    amount_fen = FenField()

    class Meta:
        constraints = (
            one_of("kind", LineKind),
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="collection_line_positive"),
            models.UniqueConstraint(fields=["due"], condition=models.Q(kind="due"), name="collection_due_paid_once"),
        )


class ReceiptBook(models.Model):
    """A numbered run of receipts in an agent's hands: ``next_number`` moves from ``first`` past ``last``."""

    agent = models.ForeignKey(User, models.PROTECT, related_name="receipt_books")
    division = models.ForeignKey(Division, models.PROTECT)
    series = models.CharField(max_length=20)
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    next_number = models.PositiveIntegerField()
    handed_on = models.DateField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["series", "first"], name="collection_book_once"),
            models.CheckConstraint(
                condition=models.Q(next_number__gte=models.F("first"))
                & models.Q(next_number__lte=models.F("last") + 1),
                name="collection_book_within_its_run",
            ),
        )


class Receipt(models.Model):
    """One household's receipt for one payment."""

    book = models.ForeignKey(ReceiptBook, models.PROTECT, related_name="receipts")
    number = models.PositiveIntegerField()
    payment = models.OneToOneField(Payment, models.PROTECT, related_name="receipt")
    state = models.CharField(max_length=12, choices=ReceiptState.choices, default=ReceiptState.ISSUED)
    issued_on = models.DateField()

    class Meta:
        constraints = (
            one_of("state", ReceiptState),
            models.UniqueConstraint(fields=["book", "number"], name="collection_receipt_number_once"),
        )


class Deposit(models.Model):
    """An agent's cash paid into the account of the three-party agreement (BN-4.3.3d)."""

    agent = models.ForeignKey(User, models.PROTECT, related_name="deposits")
    division = models.ForeignKey(Division, models.PROTECT)
    year = models.PositiveSmallIntegerField()
    deposited_on = models.DateField()
    amount_fen = FenField()
    slip_number = models.CharField(max_length=40)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="collection_deposit_positive"),
            models.UniqueConstraint(fields=["agent", "slip_number"], name="collection_slip_once"),
        )


class Declaration(models.Model):
    """A batch sent through the tax agency-collection client and its answer."""

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
    """One due in a batch; a due is declared once."""

    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="lines")
    due = models.OneToOneField(Due, models.PROTECT, related_name="declaration_line")
