"""One person's answer from the tables: the single implementation, for one person and for a nation.

``decide`` is written in the plain subset of Python that numba compiles: for few people it runs as it stands, over
lists; for many the engine has it compiled, over arrays. It classifies and looks up, and knows no rule of a notice.

For every row it puts the facts together into one number, the *key*: whoever has the same key gets the same
amounts, status and reasons. What a key means is worked out elsewhere (``outcomes``), once for each.

A pack's tables (made by ``tables``) come as two flat arrays, as a compiler likes them: ``p`` holds numbers, and
where in ``t`` each table begins: ``p[DAYS]``, ``t[p[PERIOD] + day]``. ``ranks`` is a table of its own, in bytes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

NO_DAY = -(1 << 31)
NO_KEY = -(1 << 62)
NO_TIER = -1

NUMBERS = (
    "first",  # the day the day tables begin with; days before it count as it
    "days",
    "covers",  # combinations of the sets of identities windows and waiting ask for
    "profile_cells",  # cells of a profile
    "cell_ranks",  # bytes a cell has in ``ranks``
    "rank_count",
    "ranked",  # the pack's order decides, and the highest is looked up beside it
    "best",  # where in ``ranks`` the table by amount begins
    "subsidised",  # mask of the identities the pack subsidises
    "cell_keys",  # how many keys a cell, a rank, a combination of sets, and a combination of extras stand for
    "rank_keys",
    "note_keys",
    "more_keys",
    "special",  # the pack looks at more than the common facts: one or more of the following
    "snapshot",  # 0 none, 1 the snapshot alone, 2 with what was added since
    "by_age",
    "age_day",  # NO_DAY: on the day of clearing
    "age_classes",
    "by_disability",
    "disability_classes",
    "by_enrolled",
    "waiting",
    "waits",
    "repairs",  # missed years may be bought back
    "asks",  # some facts must be known
    "needed",  # of every row: Problem flags
    "extras",  # years bought back, add-ons, incentive
    "addon_sizes",
    "incentives",
    "born_first",
    "born_last",
    "bands",
    "student",  # population with an academic year, or -1
    "term_start",
    "term_first",  # the days a first day of term may lie on
    "term_last",
    "term_days",
    "term_begins",
    "term_answer",
    "populations",
)
(FIRST, DAYS, COVERS, PROFILE_CELLS, CELL_RANKS, RANK_COUNT, RANKED, BEST, SUBSIDISED, CELL_KEYS) = range(10)
(RANK_KEYS, NOTE_KEYS, MORE_KEYS, SPECIAL, SNAPSHOT, BY_AGE, AGE_DAY, AGE_CLASSES, BY_DISABILITY) = range(10, 19)
(DISABILITY_CLASSES, BY_ENROLLED, WAITING, WAITS, REPAIRS, ASKS, NEEDED, EXTRAS, ADDON_SIZES) = range(19, 28)
(INCENTIVES, BORN_FIRST, BORN_LAST, BANDS, STUDENT, TERM_START, TERM_FIRST, TERM_LAST, TERM_DAYS) = range(28, 37)
(TERM_BEGINS, TERM_ANSWER, POPULATIONS) = range(37, len(NUMBERS))

TABLES = (
    "tier",  # 256: tier as written → the first of its cells, or NO_TIER
    "period",  # day → the first cell of its period
    "notes",  # part × 256: which sets of identities are held, by the counted mask
    "notes_held",  # the same by the mask held now, where the pack takes a snapshot
    "money_of",  # notes → the first cell of the sets rates ask for
    "cover_of",  # notes → the sets windows ask for, packed
    "age_class",
    "disability_class",  # kind × 5 + grade
    "wait",  # missed × 100 + repaired → class of waiting
    "group",  # profile × covers × waits → group of people with the same windows
    "answer",  # group × day
    "begins",  # group × day
    "too_late",  # answer → the answer of whose cover would begin after it ends
    "unpaid",  # answer → the answer of who has not paid
    "newborn",  # population → may be a newborn
    "band_until",  # band × day of birth: the last day to pay
    "band_answer",  # band × day
    "band_begins",  # band × day
    "band_from_birth",
    "band_variant",
    "ends",  # population × 2
    "needs",  # part × 256: facts needed of the holders of identities
    "incentive",  # continuous × 128 + claimless → class
)
(TIER, PERIOD, NOTES, NOTES_HELD, MONEY_OF, COVER_OF, AGE_CLASS, DISABILITY_CLASS, WAIT, GROUP) = range(40, 50)
(ANSWER, BEGINS, TOO_LATE, UNPAID, NEWBORN, BAND_UNTIL, BAND_ANSWER, BAND_BEGINS) = range(50, 58)
(BAND_FROM_BIRTH, BAND_VARIANT, ENDS, NEEDS, INCENTIVE) = range(58, len(NUMBERS) + len(TABLES))


class Rows(NamedTuple):
    """Columns of n people (see ``people.People``). A column the pack does not look at may have any length."""

    birth: Any
    population: Any
    tier: Any
    mask: Any
    paid: Any
    graduating: Any
    term_start: Any
    problems: Any
    disability_kind: Any
    disability_grade: Any
    missed_years: Any
    repaired_years: Any
    continuous_years: Any
    years_without_claims: Any
    enrolled_last_year: Any
    addons: Any
    snapshot: Any
    lacking: Any  # Problem flags of the facts that are not known; those read as 0


class Memory(NamedTuple):
    """What is known so far. ``keys`` and ``values`` are an open table; a key that is not in it goes to ``fresh``.

    ``plain_…`` hold the answers of plain people (no identity, no student, no newborn: nine in ten) by population,
    tier and day, -1 where there is none yet.
    """

    keys: Any
    values: Any
    fresh: Any
    plain_numbers: Any
    plain_begins: Any


class Plan(NamedTuple):
    """A pack's tables."""

    p: Any  # int64
    t: Any  # int32
    ranks: Any  # uint8: cell × part × 256: the best rank among the identities of that byte


def civil(day: int) -> int:
    """Return the date of ``day`` (from 1970-01-01) as year × 10000 + month × 100 + day of the month."""
    shifted = day + 719468
    era = shifted // 146097
    of_era = shifted - era * 146097
    year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    part = (5 * of_year + 2) // 153
    month = part + 3 if part < 10 else part - 9
    return (year + era * 400 + (1 if month <= 2 else 0)) * 10000 + month * 100 + of_year - (153 * part + 2) // 5 + 1


def at(place: int) -> int:
    """Return ``place`` as an index that is never negative, which compiled code may then take for granted."""
    return place


def place_of(key: int, slots: int) -> int:
    """Return where in a table of ``slots`` (a power of 2) a search for ``key`` begins."""
    folded = (key ^ (key >> 31)) & 0x7FFFFFFF
    return ((folded * 2654435761) >> 12) & (slots - 1)


def find_problems(p: Any, found: int, birth: int, day: int, unpaid: bool, tier: int, term: int) -> int:
    """Return the Problem flags of a row (see ``facts``) with those found while reading it; ``term``: a student's."""
    if birth == NO_DAY:
        found |= 1
    elif birth > day and not unpaid and not found & 17:
        found |= 128
    if tier == NO_TIER:
        found |= 4
    if term != NO_DAY and (term < p[TERM_FIRST] or term > p[TERM_LAST]):
        found |= 64
    return found


def join_bytes(t: Any, part: int, mask: int) -> int:
    """Return the bits that a table of part × 256 has for the bytes of ``mask``."""
    found: int = 0
    while mask:
        found |= t[at(part + (mask & 255))]
        mask >>= 8
        part += 256
    return found


def find_age(p: Any, t: Any, birth: int, day: int) -> int:
    """Return the class of somebody's age in full years on the pack's day, or on the day of clearing."""
    years = (civil(day if p[AGE_DAY] == NO_DAY else p[AGE_DAY]) - civil(birth)) // 10000
    found: int = t[at(p[AGE_CLASS] + min(max(years, 0), 127))] + 0
    return found


def find_band(p: Any, t: Any, birth: int, day: int, population: int) -> int:
    """Return the band of a newborn cleared on ``day``, -1 for anybody else."""
    if birth < p[BORN_FIRST] or birth > p[BORN_LAST] or birth > day or not t[at(p[NEWBORN] + population)]:
        return -1
    place = p[BAND_UNTIL] + birth - p[BORN_FIRST]
    for band in range(p[BANDS]):
        if day <= t[at(place + band * (p[BORN_LAST] - p[BORN_FIRST] + 1))]:
            return band
    return -1


def find_rank(p: Any, ranks: Any, part: int, counted: int) -> int:
    """Return the best rank among the identities of ``counted``, by the table that begins at ``part``."""
    rank: int = p[RANK_COUNT] - 1
    while counted:
        rank = min(rank, ranks[at(part + (counted & 255))])
        counted >>= 8
        part += 256
    return rank


def find_answer(
    p: Any, t: Any, birth: int, population: int, term: int, day: int, offset: int, group: int
) -> tuple[int, int, int]:
    """Return the answer for a day, the first day of cover (NO_DAY: none), and the variant of the rate."""
    if population == p[STUDENT]:
        start = term if term != NO_DAY else p[TERM_START] + 0
        if start <= day <= start + p[TERM_DAYS]:
            return p[TERM_ANSWER] + 0, p[TERM_BEGINS] + 0, 0
    band = find_band(p, t, birth, day, population)
    if band < 0:
        place = t[at(p[GROUP] + group)] * p[DAYS] + offset
        begin = t[at(p[BEGINS] + place)] + 0
        return t[at(p[ANSWER] + place)] + 0, max(begin, birth) if begin != NO_DAY else begin, 0
    place = band * p[DAYS] + offset
    begin = birth if t[at(p[BAND_FROM_BIRTH] + band)] else t[at(p[BAND_BEGINS] + place)] + 0
    begin = max(begin, birth) if begin != NO_DAY else begin
    return t[at(p[BAND_ANSWER] + place)] + 0, begin, t[at(p[BAND_VARIANT] + band)] + 0


def find_cover(
    p: Any, t: Any, birth: int, population: int, term: int, leaves: int, day: int, offset: int, group: int, unpaid: bool
) -> tuple[int, int, int]:
    """Return answer, first day of cover and variant, held against the end of cover and whether anything is paid."""
    answer, begin, variant = find_answer(p, t, birth, population, term, day, offset, group)
    if begin > t[at(p[ENDS] + population * 2 + leaves)]:
        answer, begin = t[at(p[TOO_LATE] + answer)] + 0, NO_DAY
    if unpaid:
        answer, begin = t[at(p[UNPAID] + answer)] + 0, NO_DAY
    return answer, begin, variant


def find_money(p: Any, ranks: Any, cell: int, counted: int) -> int:
    """Return the part of the key that says which cell it is and which award counts, and whether there are several."""
    rank, several = p[RANK_COUNT] - 1, 0
    if counted:
        rank = find_rank(p, ranks, cell * p[CELL_RANKS], counted)
        several = counted & p[SUBSIDISED]
        several = 2 if several & (several - 1) else 0
    if p[RANKED]:
        rank = rank * p[RANK_COUNT] + find_rank(p, ranks, p[BEST] + cell * p[CELL_RANKS], counted)
    key: int = cell * p[CELL_KEYS] + rank * p[RANK_KEYS] + several
    return key


def find_slot(keys: Any, key: int) -> int:
    """Return where ``key`` stands in the open table ``keys``, or the empty place where it belongs."""
    last = len(keys) - 1
    slot = place_of(key, last + 1)
    while keys[at(slot)] != key and keys[at(slot)] != NO_KEY:
        slot = (slot + 1) & last
    return slot


def look_closer(
    p: Any, t: Any, day: int, birth: int, profile: int, held: int, kind: int, grade: int, missed: int, repaired: int,
    continuous: int, claimless: int, enrolled: int, addons: int, snapshot: int, lacking: int,
) -> tuple[int, int, int, int, int]:  # fmt: skip
    """Return what packs that ask for more find: counted identities, profile, class of waiting, extras, problems."""
    counted, wait, more, bad = held, 0, 0, 0
    if p[SNAPSHOT]:
        counted = snapshot | (held if p[SNAPSHOT] == 2 else 0)
    if p[ASKS]:
        bad = lacking & (p[NEEDED] | join_bytes(t, p[NEEDS] + 0, counted | held))
    if p[BY_AGE]:
        profile = profile * p[AGE_CLASSES] + find_age(p, t, birth, day)
    if p[BY_DISABILITY]:
        profile = profile * p[DISABILITY_CLASSES] + t[at(p[DISABILITY_CLASS] + kind * 5 + grade)]
    if p[BY_ENROLLED]:
        profile = profile * 3 + enrolled
    if p[WAITING]:
        bad |= 4096 if repaired > (missed if p[REPAIRS] else 0) else 0
        wait = t[at(p[WAIT] + missed * 100 + repaired)] + 0
    if p[EXTRAS]:
        more = (repaired if p[REPAIRS] else 0) * p[ADDON_SIZES] + addons
        more = more * p[INCENTIVES] + t[at(p[INCENTIVE] + continuous * 128 + claimless)]
    return counted, profile, wait, more, bad


def find_key(
    p: Any, t: Any, ranks: Any, bad: int, day: int, offset: int, unpaid: bool, birth: int, population: int,
    profile: int, tier_cell: int, term: int, leaves: int, held: int, counted: int, wait: int, more: int,
) -> tuple[int, int]:  # fmt: skip
    """Return the key of a row, and the first day of cover. The key of one with Problem flags is those, negative."""
    if bad:
        return -256 if bad & 256 else -bad, NO_DAY
    notes = join_bytes(t, p[NOTES] + 0, counted) if counted else 0
    if p[SNAPSHOT]:
        notes |= join_bytes(t, p[NOTES_HELD] + 0, held)
    group = (profile * p[COVERS] + t[at(p[COVER_OF] + notes)]) * p[WAITS] + wait
    answer, begin, variant = find_cover(p, t, birth, population, term, leaves, day, offset, group, unpaid)
    cell = profile * p[PROFILE_CELLS] + t[at(p[MONEY_OF] + notes)] + tier_cell + variant
    key = find_money(p, ranks, cell + t[at(p[PERIOD] + offset)], counted)
    return key + notes * p[NOTE_KEYS] + more * p[MORE_KEYS] + answer * 4 + leaves, begin


def decide(
    birth: Any, population: Any, tier: Any, mask: Any, paid: Any, graduating: Any, term_start: Any, problems: Any,
    disability_kind: Any, disability_grade: Any, missed_years: Any, repaired_years: Any, continuous_years: Any,
    years_without_claims: Any, enrolled_last_year: Any, addons: Any, snapshot: Any, lacking: Any,
    p: Any, t: Any, ranks: Any, keys: Any, values: Any, fresh: Any, plain_numbers: Any, plain_begins: Any,
    numbers: Any, begins: Any, start: int, as_of: int,
) -> tuple[int, int]:  # fmt: skip
    """Fill ``numbers`` (of the outcome) and ``begins`` (first day of cover, or NO_DAY) from row ``start`` on.

    The first arguments are ``Rows``, then a ``Plan`` and a ``Memory``. Returns the row it stopped before because
    ``fresh`` was full, and how many keys there are in it: their rows have -2, -3 … for the first, second … of those.
    """
    fresh_count, place = 0, at(0)
    for row in range(start, len(numbers)):
        i = at(row)
        unpaid = paid[i] == NO_DAY
        day = as_of if unpaid else paid[i] + 0
        born, people, held = birth[i] + 0, population[i] + 0, mask[i] + 0
        student = people == p[STUDENT]
        term = term_start[i] + 0 if student else NO_DAY
        tier_cell = t[at(p[TIER] + tier[i])] + 0
        bad = find_problems(p, problems[i] + 0, born, day, unpaid, tier_cell, term)
        offset = min(max(day - p[FIRST], 0), p[DAYS] - 1)
        plain = not (student or held | bad | p[SPECIAL]) and born < p[BORN_FIRST]
        if plain:
            place = at(((people * 10 + tier[i]) * 2 + (1 if unpaid else 0)) * p[DAYS] + offset)
            if plain_numbers[place] >= 0 and (born <= plain_begins[place] or plain_begins[place] == NO_DAY):
                numbers[i], begins[i] = plain_numbers[place], plain_begins[place]
                continue
        counted, profile, wait, more = held, people, 0, 0
        if p[SPECIAL]:
            counted, profile, wait, more, lacks = look_closer(
                p, t, day, born, people, held, disability_kind[i] + 0, disability_grade[i] + 0, missed_years[i] + 0,
                repaired_years[i] + 0, continuous_years[i] + 0, years_without_claims[i] + 0, enrolled_last_year[i] + 0,
                addons[i] + 0, snapshot[i] + 0 if p[SNAPSHOT] else 0, lacking[i] + 0 if p[ASKS] else 0,
            )  # fmt: skip
            bad |= lacks
        leaves = 1 if student and graduating[i] else 0
        what = (day, offset, unpaid, born, people, profile, tier_cell, term, leaves, held, counted, wait, more)
        key, begin = find_key(p, t, ranks, bad, *what)
        slot = at(find_slot(keys, key))
        if keys[slot] == NO_KEY:
            if fresh_count == len(fresh):
                return row, fresh_count
            keys[slot], values[slot], fresh[fresh_count] = key, -2 - fresh_count, key
            fresh_count += 1
        numbers[i], begins[i] = values[slot], begin
        if plain and values[slot] >= 0 and (born < begin or begin == NO_DAY):
            plain_numbers[place], plain_begins[place] = values[slot], begin
    return len(numbers), fresh_count
