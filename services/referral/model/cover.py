"""Absence cover: whose work somebody else sees to, from which day to which. Pure.

Nothing changes hands: a referral keeps its coordinator, and who sees to it today follows from the
covers of the school. So nothing has to be given back, and no referral is ever without an owner.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from services.chassis.aggregate import Aggregate
from services.chassis.errors import rule, unknown
from services.referral.model.calendar import moment

LONGEST = timedelta(days=366)
MOST = 500
"""Covers of a school that are kept; those that have ended go first."""


class Cover(BaseModel):
    """One absence of one coordinator at one school.

    Attributes:
        coordinator: subject of who is away.
        by: subject of who sees to their referrals meanwhile.
        since: first day, local to the school; `until` is the last one.
        entered_by: subject of who entered it.
        over: its end was written down.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    coordinator: str
    by: str
    since: date
    until: date
    entered_by: str
    fingerprint: str
    over: bool = False

    def holds(self, day: date) -> bool:
        """Tell whether a day is one of its days."""
        return self.since <= day <= self.until

    def meets(self, other: "Cover") -> bool:
        """Tell whether this one, where it is not over, has a day in common with another."""
        return not self.over and self.since <= other.until and other.since <= self.until


class Covers(Aggregate):
    """All covers of a school; the id is the school's, so that two at one instant see each other.

    Attributes:
        zone: of the school (IANA).
        next_due: when the next one ends.
    """

    COLLECTION: ClassVar[str] = "covers"

    zone: str
    items: tuple[Cover, ...] = ()
    next_due: datetime | None = None

    def cover(self, id: str) -> Cover | None:
        """Return one cover."""
        return next((each for each in self.items if each.id == id), None)

    def enter(self, fresh: Cover, today: date) -> "Covers":
        """Return the covers with one more.

        Raises:
            EnlaceError: its days cannot be, it meets another one of the same coordinator, or the
                covers would go round in a circle.
        """
        _check_days(fresh, today)
        for each in self.items:
            if each.coordinator == fresh.coordinator and each.meets(fresh):
                raise rule(
                    "cover-overlaps",
                    f"These referrals are covered already from {each.since} to {each.until}. "
                    "Nothing was changed: end that cover first, or choose other days.",
                    es=f"Estas solicitudes ya tienen suplencia del {each.since} al {each.until}. "
                    "No se cambió nada: termine primero esa suplencia, o elija otros días.",
                )
        if fresh.coordinator in self._reached(fresh):
            raise rule(
                "cover-circle",
                "Whoever is to cover is covered by this same person on some of these days, "
                "directly or through others. Nothing was changed: choose somebody who is there.",
                es="A quien va a suplir lo suple esta misma persona algunos de esos días, "
                "directamente o a través de otros. No se cambió nada: elija a alguien que esté.",
            )
        kept = [each for each in self.items if not each.over or len(self.items) < MOST]
        if len(kept) >= MOST:
            raise rule(
                "too-many-covers",
                f"A school has {MOST} covers at the most: end some.",
                es=f"Una escuela tiene {MOST} suplencias como máximo: termine algunas.",
            )
        return self.having(items=(*kept, fresh)).scheduled()

    def end(self, id: str, today: date) -> "Covers":
        """Return the covers with one ended before today; one that has not begun has no day.

        Raises:
            EnlaceError: there is no such cover.
        """
        known = self.cover(id)
        if known is None:
            raise unknown("cover")
        if known.over or known.until < today:
            return self
        ended = max(known.since, today) - timedelta(days=1)
        after = known.model_copy(update={"until": ended, "over": True})
        items = tuple(after if each.id == id else each for each in self.items)
        return self.having(items=items).scheduled()

    def over_by(self, now: datetime) -> tuple["Covers", tuple[Cover, ...]]:
        """Return the covers after time has passed, and those that have ended by now, each once."""
        ended = tuple(each for each in self.items if not each.over and self._ends(each) <= now)
        items = tuple(
            each.model_copy(update={"over": True}) if each in ended else each for each in self.items
        )
        return self.having(items=items).scheduled(), ended

    def chain(self, coordinator: str, today: date) -> Iterator[str]:
        """Yield the coordinator, whoever covers today, whoever covers those, and so on."""
        seen: set[str] = set()
        who: str | None = coordinator
        while who is not None and who not in seen:
            seen.add(who)
            yield who
            active = (x.by for x in self.items if x.coordinator == who and x.holds(today))
            who = next(active, None)

    def _reached(self, fresh: Cover) -> set[str]:
        """Return everybody to whom the work goes on some day of a cover."""
        found, ahead = {fresh.by}, [fresh.by]
        while ahead:
            who = ahead.pop()
            on = [x.by for x in self.items if x.coordinator == who and x.meets(fresh)]
            ahead += [each for each in on if each not in found]
            found.update(on)
        return found

    def _ends(self, cover: Cover) -> datetime:
        return moment(cover.until + timedelta(days=1), 0, self.zone)

    def scheduled(self) -> "Covers":
        """Return the covers with their next due time."""
        waiting = [self._ends(each) for each in self.items if not each.over]
        return self.having(next_due=min(waiting, default=None))


def _check_days(cover: Cover, today: date) -> None:
    if cover.by == cover.coordinator:
        raise rule(
            "covers-themselves",
            "Nobody covers themselves. Choose another coordinator.",
            es="Nadie se suple a sí mismo. Elija a otra persona.",
        )
    if cover.until < cover.since:
        raise rule(
            "dates-swapped",
            "The last day is before the first one: swap them.",
            es="El último día es anterior al primero: cámbielos de lugar.",
        )
    if cover.until < today:
        raise rule(
            "date-has-passed",
            "The last day has passed already. Give one to come.",
            es="El último día ya pasó. Dé uno por venir.",
        )
    if cover.until - cover.since > LONGEST:
        raise rule(
            "cover-too-long",
            "A cover lasts a year at the most. For longer, hand the caseload over for good.",
            es="Una suplencia dura un año como máximo. Para más tiempo, entregue los casos de "
            "forma definitiva.",
        )
