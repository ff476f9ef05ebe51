"""Reading receipts: who holds which numbers, what became of each, under which seal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q, QuerySet

from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Right
from yingbao.collection.kinds import BookState, Channel, ReceiptState
from yingbao.collection.models import OfficeSeal, Payment, Receipt, ReceiptBook
from yingbao.divisions.codes import town_of
from yingbao.kernel.errors import NotFound
from yingbao.kernel.messages import N_, Message, say

ENDED = (ReceiptState.VOID, ReceiptState.TAKEN_BACK, ReceiptState.LOST)
ENDED_UNSEEN = Q(receipts__state__in=ENDED, receipts__reviewed_by__isnull=True)
TO_REVIEW = Q(state__in=ENDED, reviewed_by__isnull=True)


@dataclass(frozen=True, slots=True)
class Run:
    """A run and what of it is still to be used or handed out: ``free`` are its gaps, first and last of each."""

    book: ReceiptBook
    free: Sequence[tuple[int, int]]

    @property
    def left(self) -> int:
        """How many numbers are left."""
        return sum(last - first + 1 for first, last in self.free)


def receipt(actor: Actor, receipt_id: int) -> Receipt:
    """Return a receipt of the actor's divisions with its payment and book; raises NotFound."""
    actor.must(Right.SEE_MONEY)
    found = forms(actor).filter(pk=receipt_id).first()
    if found is None:
        raise NotFound(say(N_("没有找到这张收据，或不在您的管理范围内。")))
    return found


def forms(actor: Actor) -> QuerySet[Receipt]:
    """Return the forms used in the actor's divisions, by book and number, payment and who ended them at hand."""
    actor.must(Right.SEE_MONEY)
    low, high = actor.scope.low, actor.scope.high
    within = Receipt.objects.filter(book__division_id__gte=low, book__division_id__lt=high)
    at_hand = within.select_related(
        "book__agent",
        "book__division",
        "payment__household__division",
        "payment__collected_by",
        "ended_by",
        "reviewed_by",
    )
    return at_hand.order_by("book_id", "number")


def forms_numbered(actor: Actor, series: str, number: int) -> list[int]:
    """Return the ids of the forms of a series with a number; runs of one series do not overlap. Needs SEE_MONEY."""
    actor.must(Right.SEE_MONEY)
    found = Receipt.objects.filter(book__series=series, number=number, book__division_id__gte=actor.scope.low)
    return list(found.filter(book__division_id__lt=actor.scope.high).values_list("id", flat=True))


def forms_named(actor: Actor, ids: Iterable[int]) -> dict[int, Receipt]:
    """Return id → form with its book at hand, of those among ``ids`` of the actor's divisions. Needs SEE_MONEY."""
    actor.must(Right.SEE_MONEY)
    found = Receipt.objects.filter(pk__in=set(ids), book__division_id__gte=actor.scope.low)
    return {one.pk: one for one in found.filter(book__division_id__lt=actor.scope.high).select_related("book")}


def forms_of(actor: Actor, book: ReceiptBook) -> QuerySet[Receipt]:
    """Return the register of a book: its forms by number, with the lines of their payments to be counted."""
    return forms(actor).filter(book=book).prefetch_related("payment__lines")


def parts_of(actor: Actor, book: ReceiptBook) -> QuerySet[ReceiptBook]:
    """Return the runs that were handed out of a run."""
    return books(actor).filter(parent=book).order_by("first", "id")


def to_review(actor: Actor) -> QuerySet[Receipt]:
    """Return the void, taken-back and lost forms of the actor's divisions that nobody else has seen, oldest first."""
    return forms(actor).filter(TO_REVIEW).order_by("ended_on", "pk")


def books_of(agent_id: int) -> list[ReceiptBook]:
    """Return the receipt books in an agent's hands, the one in use first."""
    return list(ReceiptBook.objects.filter(agent_id=agent_id, state=BookState.HELD).order_by("-next_number", "id"))


def books(actor: Actor) -> QuerySet[ReceiptBook]:
    """Return the runs of the actor's divisions with who holds them; ``unseen`` counts what waits to be reviewed."""
    actor.must(Right.SEE_MONEY)
    within = ReceiptBook.objects.filter(division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    counted = within.annotate(unseen=Count("receipts", filter=ENDED_UNSEEN))
    return counted.select_related("agent", "division").order_by("division_id", "series", "first", "id")


def book(actor: Actor, book_id: int) -> ReceiptBook:
    """Return one run of the actor's divisions; raises NotFound."""
    found = books(actor).filter(pk=book_id).first()
    if found is None:
        raise NotFound(no_such_book())
    return found


def no_such_book() -> Message:
    """Return what is said of a run that is not there, or not for the actor to see."""
    return say(N_("没有找到这段收据，或不在您的管理范围内。"))


def with_gaps(found: Iterable[ReceiptBook]) -> list[Run]:
    """Return runs with what is left of each: of an agent's what is not used, of an office's what is not handed out."""
    runs = list(found)
    offices = [run.pk for run in runs if run.agent_id is None]
    parts: defaultdict[int | None, list[tuple[int, int]]] = defaultdict(list)
    live = ReceiptBook.objects.filter(parent__in=offices, last__gte=F("first")).order_by("first")
    for parent, first, last in live.values_list("parent_id", "first", "last"):
        parts[parent].append((first, last))
    return [Run(run, _gaps(run, parts[run.pk])) for run in runs]


def _gaps(run: ReceiptBook, parts: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    begin, gaps = run.next_number, []
    for first, last in parts:
        if begin < first:
            gaps.append((begin, first - 1))
        begin = last + 1
    return [*gaps, (begin, run.last)] if begin <= run.last else gaps


def own_stock(actor: Actor) -> list[Run]:
    """Return the runs in the stock of the actor's own office of which something is left."""
    held = ReceiptBook.objects.filter(
        division_id=actor.division_code or 0, agent__isnull=True, state=BookState.HELD, last__gte=F("first")
    )
    return [run for run in with_gaps(held.order_by("handed_on", "pk")) if run.free]


def seal_on(division_code: int, on: date) -> str:
    """Return the seal in use on a day of the office that issues a division's receipts; empty where there is none."""
    return seals_in_use(town_of(division_code), on).values_list("text", flat=True).first() or ""


def first_seal(division_code: int) -> str:
    """Return the first seal that was noted of the office that issues a division's receipts; empty where none was."""
    noted = OfficeSeal.objects.filter(division_id=town_of(division_code)).order_by("pk")
    return noted.values_list("text", flat=True).first() or ""


def seals_in_use(office: int, on: date) -> QuerySet[OfficeSeal]:
    """Return the seal of an office in use on a day: at most one."""
    return OfficeSeal.objects.filter(
        Q(ended_on__isnull=True) | Q(ended_on__gt=on), division_id=office, begin_on__lte=on
    )


def seals(actor: Actor) -> list[OfficeSeal]:
    """Return the seals of the actor's divisions and town, ended ones too, the newest of each office first."""
    actor.must(Right.SEE_MONEY)
    within = Q(division_id__gte=actor.scope.low, division_id__lt=actor.scope.high)
    own = Q(division_id=town_of(actor.division_code or 0))
    return list(
        OfficeSeal.objects.filter(within | own).select_related("division", "set_by").order_by("division_id", "-pk")
    )


def missing_numbers(book: ReceiptBook) -> list[int]:
    """Return the used numbers of an agent's run that have no form; there are none where all is well."""
    there = set(Receipt.objects.filter(book=book).values_list("number", flat=True))
    return [number for number in range(book.first, book.next_number) if number not in there]


def ids_of(book: ReceiptBook, numbers: Iterable[int]) -> list[int]:
    """Return the ids of the forms of a book with these numbers."""
    return list(Receipt.objects.filter(book=book, number__in=list(numbers)).values_list("pk", flat=True))


def unseen_numbers(book: ReceiptBook) -> list[int]:
    """Return the numbers of a book's void, taken-back and lost forms that nobody else has seen yet."""
    return list(Receipt.objects.filter(TO_REVIEW, book=book).order_by("number").values_list("number", flat=True))


def pos_payments(actor: Actor, *, year: int) -> QuerySet[Payment]:
    """Return the POS payments of the actor's divisions with their stubs, oldest first (BN-4.3.2)."""
    actor.must(Right.SEE_MONEY)
    within = Payment.objects.filter(
        year=year, channel=Channel.POS, division_id__gte=actor.scope.low, division_id__lt=actor.scope.high
    )
    return within.select_related("household", "division", "collected_by", "stub__filed_by").order_by(
        "collected_on", "pk"
    )


def unfiled(actor: Actor, *, year: int) -> QuerySet[Payment]:
    """Return the POS payments whose stub the town has not filed."""
    return pos_payments(actor, year=year).filter(stub__isnull=True)
