"""Accounts and the transfers between them."""

from __future__ import annotations

from django.db import models

from yingbao.accounts.models import User
from yingbao.divisions.models import Division
from yingbao.ledger.kinds import AccountKind
from yingbao.storage.fields import FenField, one_of


class Account(models.Model):
    """One place for money: a kind, whose (``holder``: an agent, a channel, a department) and which year."""

    kind = models.CharField(max_length=20, choices=AccountKind.choices)
    holder = models.CharField(max_length=40, blank=True)
    division = models.ForeignKey(Division, models.PROTECT)
    year = models.PositiveSmallIntegerField()

    class Meta:
        constraints = (
            one_of("kind", AccountKind),
            models.UniqueConstraint(fields=["year", "kind", "division", "holder"], name="ledger_account_once"),
        )


class Transfer(models.Model):
    """An amount that leaves ``credit`` and comes into ``debit``: balanced by construction, never changed.

    ``entry`` joins the transfers of one event; ``source`` names the record they come from (payment, deposit …).
    """

    entry = models.UUIDField()
    debit = models.ForeignKey(Account, models.PROTECT, related_name="debits")
    credit = models.ForeignKey(Account, models.PROTECT, related_name="credits")
    amount_fen = FenField()
    on = models.DateField()
    at = models.DateTimeField()
    user = models.ForeignKey(User, models.PROTECT)
    source_kind = models.CharField(max_length=20)
    source_id = models.BigIntegerField()
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="ledger_transfer_positive"),
            models.CheckConstraint(condition=~models.Q(debit=models.F("credit")), name="ledger_transfer_moves"),
        )
        indexes = (models.Index(fields=["source_kind", "source_id"], name="ledger_transfer_source"),)
