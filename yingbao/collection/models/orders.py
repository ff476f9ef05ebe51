"""Orders to pay by one's phone: opened at a counter or by a resident, paid through a channel."""

from __future__ import annotations

from django.db import models

from yingbao.accounts.models import User
from yingbao.collection.kinds import OrderState
from yingbao.collection.models.dues import Due
from yingbao.collection.models.payments import Payment
from yingbao.divisions.models import Division
from yingbao.registry.models import Household
from yingbao.storage.fields import FenField, one_of


class PaymentOrder(models.Model):
    """What one payer is about to pay in one go; ``number`` is what the code says and the channel brings back.

    ``noted_by`` is who says that the money has come: a channel, or for an institution's bill the officer who saw it
    on the bank's statement, never whoever drew the bill up. Null until then, and where it was not kept.
    """

    number = models.CharField(max_length=32, unique=True)
    household = models.ForeignKey(Household, models.PROTECT, related_name="orders")
    division = models.ForeignKey(Division, models.PROTECT)
    year = models.PositiveSmallIntegerField()
    amount_fen = FenField()
    state = models.CharField(max_length=12, choices=OrderState.choices, default=OrderState.OPEN)
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    payment = models.OneToOneField(Payment, models.PROTECT, null=True, related_name="order")
    noted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (
            one_of("state", OrderState),
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="collection_order_positive"),
            models.CheckConstraint(
                condition=models.Q(state="paid", payment__isnull=False)
                | (~models.Q(state="paid") & models.Q(payment__isnull=True)),
                name="collection_order_paid_has_a_payment",
            ),
            # maker ≠ checker, whoever writes
            models.CheckConstraint(
                condition=models.Q(noted_by__isnull=True) | ~models.Q(noted_by=models.F("opened_by")),
                name="collection_order_noted_by_another",
            ),
        )


class OrderLine(models.Model):
    """One due of an order."""

    order = models.ForeignKey(PaymentOrder, models.PROTECT, related_name="lines")
    due = models.ForeignKey(Due, models.PROTECT, related_name="order_lines")
    amount_fen = FenField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="collection_order_line_positive"),
            models.UniqueConstraint(fields=["order", "due"], name="collection_order_due_once"),
        )
