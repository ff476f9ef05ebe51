"""Cash in an agent's hands (BN-4.3.3d): deposits, and the count when it is handed over."""

from __future__ import annotations

from django.db import models

from yingbao.accounts.models import User
from yingbao.divisions.models import Division
from yingbao.storage.fields import FenField, not_negative


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


class HandOver(models.Model):
    """An agent's cash as counted at a moment, against what the ledger expects; ``taken_by`` who takes it over.

    ``counts``: {"pieces": {denomination in fen: how many}, "villages": {division code: fen expected}, "came" and
    "went": {kind of account: fen since the season began}, "books": {book: [series, first, next number, last]}}; keys
    are text. ``moved_fen`` changes hands when the other accepts.
    """

    agent = models.ForeignKey(User, models.PROTECT, related_name="hand_overs")
    division = models.ForeignKey(Division, models.PROTECT)
    year = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    expected_fen = FenField()
    counted_fen = FenField()
    counts = models.JSONField(default=dict)
    note = models.CharField(max_length=200, blank=True)
    taken_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField(null=True)
    moved_fen = FenField(default=0)

    class Meta:
        constraints = (
            not_negative("expected_fen", "counted_fen", "moved_fen"),
            models.CheckConstraint(
                condition=models.Q(taken_by__isnull=True) | ~models.Q(taken_by=models.F("agent")),
                name="collection_hand_over_to_another",
            ),
            models.CheckConstraint(
                condition=models.Q(counted_fen=models.F("expected_fen")) | ~models.Q(note=""),
                name="collection_difference_has_a_note",
            ),
        )
