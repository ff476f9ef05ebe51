"""Numbered receipts (BN-4.3.3b): runs in somebody's hands, the forms used of them, and the seal they bear."""

from __future__ import annotations

from django.db import models

from yingbao.accounts.models import User
from yingbao.collection.kinds import BookState, ReceiptState
from yingbao.collection.models.payments import Payment
from yingbao.divisions.models import Division
from yingbao.storage.fields import one_of


class OfficeSeal(models.Model):
    """The seal of an issuing office as it is engraved; receipts without it are void (BN-4.3.3c).

    ``ended_on`` null: in use, at most one per office.
    """

    division = models.ForeignKey(Division, models.PROTECT, related_name="seals")
    text = models.CharField(max_length=60)
    begin_on = models.DateField()
    ended_on = models.DateField(null=True)
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~models.Q(text=""), name="collection_seal_says_something"),
            models.UniqueConstraint(
                fields=["division"], condition=models.Q(ended_on__isnull=True), name="collection_one_seal_in_use"
            ),
        )


class ReceiptBook(models.Model):
    """A numbered run of receipts in somebody's hands: ``next_number`` moves from ``first`` past ``last``.

    A run is taken from a ``parent`` run of the office above, null for what the bureau had printed. ``agent`` null:
    in the stock of an office. What comes back unused is cut off at the end (``last``), and may be handed out again.
    """

    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="parts")
    agent = models.ForeignKey(User, models.PROTECT, null=True, related_name="receipt_books")
    division = models.ForeignKey(Division, models.PROTECT)
    series = models.CharField(max_length=20)
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    next_number = models.PositiveIntegerField()
    handed_on = models.DateField()
    state = models.CharField(
        max_length=12, choices=BookState.choices, default=BookState.HELD, db_default=BookState.HELD.value
    )
    returned_on = models.DateField(null=True)
    written_off_on = models.DateField(null=True)
    written_off_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (
            one_of("state", BookState),
            models.UniqueConstraint(
                fields=["parent", "first"],
                condition=models.Q(last__gte=models.F("first")),
                name="collection_run_taken_once",
            ),
            models.UniqueConstraint(
                fields=["series", "first"], condition=models.Q(parent__isnull=True), name="collection_book_once"
            ),
            models.CheckConstraint(
                condition=models.Q(next_number__gte=models.F("first"))
                & models.Q(next_number__lte=models.F("last") + 1),
                name="collection_book_within_its_run",
            ),
            # maker ≠ checker: nobody writes off the book they used
            models.CheckConstraint(
                condition=models.Q(written_off_by__isnull=True)
                | models.Q(agent__isnull=True)
                | ~models.Q(written_off_by=models.F("agent")),
                name="collection_book_written_off_by_another",
            ),
        )


class Receipt(models.Model):
    """One numbered form: a household's receipt for one payment, or a blank one that was spoiled or lost.

    ``ended_by`` is who made it void, took it back or lost it; ``reviewed_by`` the other person who has seen the paper.
    ``stated`` are the ids of the payment's parts it states: of those who stayed after a refund; null: of everybody.
    """

    book = models.ForeignKey(ReceiptBook, models.PROTECT, related_name="receipts")
    number = models.PositiveIntegerField()
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="receipts")
    state = models.CharField(max_length=12, choices=ReceiptState.choices, default=ReceiptState.ISSUED)
    issued_on = models.DateField()
    reason = models.CharField(max_length=200, blank=True, default="", db_default="")
    ended_on = models.DateField(null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reviewed_on = models.DateField(null=True)
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    stated = models.JSONField(null=True)

    class Meta:
        constraints = (
            one_of("state", ReceiptState),
            models.UniqueConstraint(fields=["book", "number"], name="collection_receipt_number_once"),
            models.UniqueConstraint(
                fields=["payment"], condition=models.Q(state="issued"), name="collection_one_receipt_per_payment"
            ),
            models.CheckConstraint(
                condition=models.Q(state="issued", payment__isnull=False, ended_by__isnull=True)
                | (~models.Q(state="issued") & ~models.Q(reason="") & models.Q(ended_by__isnull=False)),
                name="collection_receipt_ends_with_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(reviewed_by__isnull=True)
                | models.Q(ended_by__isnull=True)
                | ~models.Q(reviewed_by=models.F("ended_by")),
                name="collection_receipt_reviewed_by_another",
            ),
        )
