"""Money that came and pays nothing we know: kept in the books until it is known whose it is, or it goes back.

A channel's, for nobody of ours, in the district's; an institution's transfer that is not what its bill asks, at it.
"""

from __future__ import annotations

from django.db import models

from yingbao.accounts.models import User
from yingbao.collection.kinds import Channel, KeptState
from yingbao.collection.models.orders import PaymentOrder
from yingbao.collection.models.payments import Payment
from yingbao.divisions.models import Division
from yingbao.storage.fields import FenField, one_of

WAITS = models.Q(payment__isnull=True, settled_by__isnull=True, settled_at__isnull=True)
NOT_ASKED = models.Q(asked_by__isnull=True, asked_at__isnull=True, reason="")
ASKED = models.Q(asked_by__isnull=False, asked_at__isnull=False) & ~models.Q(reason="")
NOT_RETURNED = models.Q(returned_on__isnull=True, return_reference="")
SETTLED = models.Q(settled_by__isnull=False, settled_at__isnull=False)
OF_A_BILL = models.Q(channel="transfer", order__isnull=False, noted_by__isnull=False)
OF_A_CHANNEL = ~models.Q(channel="transfer") & models.Q(order__isnull=True, noted_by__isnull=True)


class KeptMoney(models.Model):
    """One payment of a channel that names neither an order nor a person of ours; ``reference`` is the channel's own.

    ``payment`` is what it became once somebody was found. To go back it is asked for by one, with a reason, and
    confirmed by another with the ``return_reference`` of the channel. ``settled_by``: who did either.

    A transfer of another sum than its bill keeps the ``order`` it came for and who noted it. Mistyped, it is
    withdrawn: its postings are reversed, and the bank's number may be noted again.
    """

    channel = models.CharField(max_length=20, choices=Channel.choices)
    reference = models.CharField(max_length=64)
    amount_fen = FenField()
    paid_at = models.DateTimeField()
    kept_at = models.DateTimeField()
    division = models.ForeignKey(Division, models.PROTECT)
    year = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=KeptState.choices, default=KeptState.KEPT)
    payment = models.OneToOneField(Payment, models.PROTECT, null=True, related_name="kept")
    order = models.ForeignKey(PaymentOrder, models.PROTECT, null=True, related_name="kept")
    noted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    returned_on = models.DateField(null=True)
    return_reference = models.CharField(max_length=64, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            one_of("channel", Channel),
            one_of("state", KeptState),
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="collection_kept_positive"),
            models.CheckConstraint(condition=~models.Q(reference=""), name="collection_kept_has_a_reference"),
            models.UniqueConstraint(
                fields=["channel", "reference"], condition=~models.Q(state="withdrawn"), name="collection_kept_once"
            ),
            models.CheckConstraint(condition=OF_A_BILL | OF_A_CHANNEL, name="collection_kept_of_a_bill_or_a_channel"),
            models.CheckConstraint(
                condition=(models.Q(state="kept") & WAITS & NOT_ASKED & NOT_RETURNED)
                | (models.Q(state="returning") & WAITS & ASKED & NOT_RETURNED)
                | (models.Q(state="taken", payment__isnull=False) & SETTLED & NOT_ASKED & NOT_RETURNED)
                | (
                    models.Q(state="withdrawn", payment__isnull=True, order__isnull=False)
                    & SETTLED
                    & NOT_ASKED
                    & NOT_RETURNED
                )
                | (
                    models.Q(state="returned", payment__isnull=True, returned_on__isnull=False)
                    & SETTLED
                    & ASKED
                    & ~models.Q(return_reference="")
                ),
                name="collection_kept_state_agrees",
            ),
            # maker ≠ checker, whoever writes
            models.CheckConstraint(
                condition=models.Q(asked_by__isnull=True)
                | models.Q(settled_by__isnull=True)
                | ~models.Q(settled_by=models.F("asked_by")),
                name="collection_kept_returned_by_another",
            ),
        )
        indexes = (models.Index(fields=["division", "state"], name="collection_kept_state"),)
