"""How an agency does, from what became of its offers; small numbers are withheld. Pure.

Two thresholds. What an agency itself did, its answers, is told from five on: below that it would
be luck. What became of children is told from ten on, as everywhere a number is of people: whether
a family says that help arrived is not for the agency to read off a number.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

FEWEST = 5
"""Answers below which nothing is said of how an agency answers."""

_JULY = 7
"""The month in which a school year begins."""

LEAST = 10
"""Children below which nothing is said of what became of them."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of offers.

    Attributes:
        asked: offers that went out.
        replies: how long each first answer took.
        yes: those that the agency claimed.
        no: those that it declined, or let run out.
        accepted: claims that stood: a child came to the agency.
        completed: children whose help the agency says is done.
        verified: children whose family says that the help arrived.
        no_shows: children who did not come.
    """

    asked: int = 0
    replies: tuple[timedelta, ...] = field(default=())
    yes: int = 0
    no: int = 0
    accepted: int = 0
    completed: int = 0
    verified: int = 0
    no_shows: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """A share in whole percent, and of how many; both None where they are withheld."""

    percent: int | None
    of: int | None


WITHHELD = Share(None, None)


@dataclass(frozen=True, slots=True)
class Performance:
    """How an agency, or one of its services, did in a time.

    Attributes:
        asked: offers that went out.
        reply: the middle of the times to its first answer; None below five answers.
        acceptance: of the offers that were answered or ran out, those it took.
        completed: of the children it took, those whose help it says is done.
        verified: of the children it took, those whose family says that the help arrived.
        no_show: of the children it took, those who did not come.
    """

    asked: int
    reply: timedelta | None
    acceptance: Share
    completed: Share
    verified: Share
    no_show: Share


def total(counts: Iterable[Counts]) -> Counts:
    """Return counts together."""
    found = list(counts)
    summed = {
        each.name: sum(getattr(one, each.name) for one in found)
        for each in fields(Counts)
        if each.name != "replies"
    }
    return Counts(replies=tuple(one for each in found for one in each.replies), **summed)


def middle(counts: Counts) -> timedelta | None:
    """Return the middle of the times to answer; None with too few to say."""
    if len(counts.replies) < FEWEST:
        return None
    return timedelta(seconds=median(each.total_seconds() for each in counts.replies))


def accepted_share(counts: Counts) -> float | None:
    """Return the share of yes among answers; None with too few to say."""
    answers = counts.yes + counts.no
    return counts.yes / answers if answers >= FEWEST else None


def performances(by_service: Mapping[str, Counts]) -> tuple[Performance, dict[str, Performance]]:
    """Return how an agency did as a whole, and each of its services.

    What is withheld of one service is not told by the others beside the whole: at least ten
    children stay unsaid together, or none.
    """
    children = {service: each.accepted for service, each in by_service.items()}
    hidden, all_hidden = _withheld(children)
    whole = total(by_service.values())
    services = {
        service: _performance(each, hidden=service in hidden)
        for service, each in by_service.items()
    }
    return _performance(whole, hidden=all_hidden or whole.accepted < LEAST), services


def with_families(
    told: tuple[Performance, dict[str, Performance]],
    families: tuple[Performance, dict[str, Performance]],
) -> tuple[Performance, dict[str, Performance]]:
    """Return how an agency did, with what families said in another time."""
    whole, services = told
    said, of_services = families
    return replace(whole, verified=said.verified), {
        id: replace(each, verified=of_services[id].verified if id in of_services else WITHHELD)
        for id, each in services.items()
    }


def _withheld(children: Mapping[str, int]) -> tuple[frozenset[str], bool]:
    """Return whose children are not told of, and whether the whole is withheld too."""
    hidden = {each for each, count in children.items() if count < LEAST}
    left = sum(children[each] for each in hidden)
    if not 0 < left < LEAST:
        return frozenset(hidden), False
    shown = sorted((count, each) for each, count in children.items() if each not in hidden)
    if not shown:
        return frozenset(hidden), True
    return frozenset({*hidden, shown[0][1]}), False


def _performance(counts: Counts, *, hidden: bool) -> Performance:
    accepted = accepted_share(counts)
    taken = counts.accepted
    answers = counts.yes + counts.no
    return Performance(
        asked=counts.asked,
        reply=middle(counts),
        acceptance=WITHHELD if accepted is None else Share(round(100 * accepted), answers),
        completed=WITHHELD if hidden else _share(counts.completed, taken),
        verified=WITHHELD if hidden else _share(counts.verified, taken),
        no_show=WITHHELD if hidden else _share(counts.no_shows, taken),
    )


def _share(some: int, of: int) -> Share:
    return Share(round(100 * some / of), of)


def closed_year(now: datetime, zone: str, *, years_back: int = 0) -> tuple[date, date]:
    """Return the first day of twelve closed months, and the first day after them.

    Of a month that is still open each new answer of a family would show as one more.
    """
    today = now.astimezone(ZoneInfo(zone)).date()
    until = today.replace(day=1)
    until = until.replace(year=until.year - years_back)
    return until.replace(year=until.year - 1), until


def school_year(now: datetime, zone: str, *, years_back: int = 0) -> tuple[date, date]:
    """Return the first day of the last school year that is over, and the first day after it.

    What families answer is told of these alone. Of twelve months that move on with each month an
    agency could take one number from the next, and read off what its newest family said.
    """
    today = now.astimezone(ZoneInfo(zone)).date()
    over = today.year if today.month >= _JULY else today.year - 1
    until = date(over - years_back, _JULY, 1)
    return until.replace(year=until.year - 1), until


def begins(day: date, zone: str) -> datetime:
    """Return the moment at which a day begins."""
    return datetime.combine(day, time(), ZoneInfo(zone))
