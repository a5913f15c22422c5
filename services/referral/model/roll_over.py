"""August: every child a grade up, on to the next school, or out into the world. Pure."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from services.chassis.aggregate import Aggregate
from services.chassis.errors import EnlaceError, rule
from services.chassis.grades import KINDERGARTEN, LAST, place_of


def grade_after(grade: str) -> str:
    """Return the code of the next grade, written as the district writes its own.

    `KG` goes with `01`, as in the standard's list; `K` with `1`.
    """
    place = place_of(grade)
    text = grade.strip()
    if place is None or place == LAST:
        return text
    if place < KINDERGARTEN:
        return "K" if text.upper() in {"PREK", "PRE-K"} else "KG"
    if place == KINDERGARTEN:
        return "1" if text.upper() == "K" else "01"
    return f"{place + 1:02}" if text.startswith("0") else str(place + 1)


_JULY = 7
"""From this month on, the school year that begins in a summer is the one that runs."""


def need_year(year: int, today: date) -> None:
    """Let a roll-over pass into the school year that runs, or the one that begins next.

    Whoever is rolled over is through with that year: a year typed wrong would leave every child out
    of the summers up to it.

    Args:
        year: in which the school year begins.
        today: local to the district.

    Raises:
        EnlaceError: it is another one; the text says which it can be.
    """
    begins = today.year
    if year == begins or (year == begins - 1 and today.month < _JULY):
        return
    runs = f"{begins - 1} (the school year that runs) or {begins} (the one that begins next)"
    runs_es = f"{begins - 1} (el año escolar en curso) o {begins} (el que empieza después)"
    if today.month >= _JULY:
        runs, runs_es = f"{begins}", f"{begins}"
    raise rule(
        "another-school-year",
        f"A roll-over is for the school year that is due now, and {year} is not: nobody would be "
        f"rolled over until then. Nothing was changed: give {runs} as `year`, in which the school "
        "year begins.",
        es=f"El cambio de año es para el año escolar que toca ahora, y {year} no lo es: hasta "
        f"entonces nadie pasaría de grado. No se cambió nada: ponga {runs_es} en `year`, el año en "
        "que empieza el curso.",
    )


def not_here(places: Sequence[str]) -> EnlaceError:
    """Return the refusal of a roll-over that names children who are not at its schools.

    Args:
        places: where in the request they are named, as `stays.0`.
    """
    shown = ", ".join(places[:_PLACES_SHOWN])
    more = len(places) - _PLACES_SHOWN
    rest, rest_es = (f", and {more} more", f", y {more} más") if more > 0 else ("", "")
    return rule(
        "child-not-here",
        "No child who attends these schools has the id that stands here: "
        f"{shown}{rest}. Nothing was previewed: look each of them up, since who is named wrongly "
        "would simply go a grade up; leave out whoever has left or has moved already, and send it "
        "again under a fresh id.",
        es="Ningún alumno que asista a estas escuelas tiene el identificador que está en: "
        f"{shown}{rest_es}. No se hizo la vista previa: busque a cada uno, porque quien está mal "
        "nombrado simplemente pasaría de grado; quite a quien ya se fue o ya se cambió, y envíela "
        "otra vez con otro identificador.",
    )


_PLACES_SHOWN = 20


class Step(StrEnum):
    """What the summer does to a child."""

    PROMOTED = "promoted"
    STAYS = "stays"
    TRANSFERRED = "transferred"
    MOVED_ON = "moved-on"
    GRADUATED = "graduated"
    UNCLEAR = "unclear"
    UNTOUCHED = "untouched"
    DONE_BEFORE = "done-before"


@dataclass(frozen=True, slots=True)
class SchoolSpan:
    """A school's first and last grade, and where its children go then; None: not known."""

    first: int | None = None
    last: int | None = None
    feeds: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of one child.

    Attributes:
        grade: the new one; None leaves it.
        site: the new school; None leaves it.
    """

    step: Step
    grade: str | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody said of one child, and of all.

    Attributes:
        stays: the child repeats the grade.
        to_site: the school to which the child goes.
        promote: everybody of whom nothing is said goes a grade up; otherwise nothing is done to
            them, and who goes to another school keeps the grade.
        done: the child was rolled over for this year already.
    """

    stays: bool = False
    to_site: str | None = None
    promote: bool = True
    done: bool = False


def outcome(grade: str | None, span: SchoolSpan, wish: Wish) -> Outcome:
    """Return what the summer does to a child who attends.

    Args:
        grade: as it is written.
        span: the grades of the child's school.
        wish: what somebody said.
    """
    up = wish.promote and not wish.stays and not wish.done
    if wish.to_site is not None:
        return Outcome(Step.TRANSFERRED, _after(grade) if up else None, wish.to_site)
    if wish.done:
        return Outcome(Step.DONE_BEFORE)
    if wish.stays:
        return Outcome(Step.STAYS)
    if not wish.promote:
        return Outcome(Step.UNTOUCHED)
    place = place_of(grade)
    outside = place is not None and (
        (span.first is not None and place < span.first)
        or (span.last is not None and place > span.last)
    )
    if place is None or outside:
        return Outcome(Step.UNCLEAR)
    if place == LAST:
        return Outcome(Step.GRADUATED)
    if place == span.last:
        step = Step.MOVED_ON if span.feeds is None else Step.TRANSFERRED
        return Outcome(step, _after(grade), span.feeds)
    return Outcome(Step.PROMOTED, _after(grade))


def _after(grade: str | None) -> str | None:
    return None if grade is None or place_of(grade) is None else grade_after(grade)


MOST_LISTED = 500


@dataclass
class Summary:
    """What becomes of all of them: counts, lists, and a mark of the whole."""

    counts: Counter[str] = field(default_factory=Counter)
    grades: Counter[str] = field(default_factory=Counter)
    lists: dict[str, list[str]] = field(default_factory=dict)
    listed: frozenset[Step] = frozenset(Step) - {Step.PROMOTED, Step.DONE_BEFORE, Step.UNTOUCHED}

    def __post_init__(self) -> None:
        """Begin the mark."""
        self._hash = hashlib.sha256()

    def add(self, student: str, site: str, grade: str | None, found: Outcome) -> None:
        """Take a child in; children come in the order of their ids."""
        self.counts[found.step.value] += 1
        if found.grade is not None:
            self.grades[f"{grade} > {found.grade}"] += 1
        if found.step in self.listed:
            there = self.lists.setdefault(found.step.value, [])
            if len(there) < MOST_LISTED:
                there.append(student)
        line = (student, site, grade or "", found.step.value, found.grade or "", found.site or "")
        self._hash.update("\x1f".join(line).encode("utf-8") + b"\n")

    def mark(self, secret: bytes) -> str:
        """Return a mark of everything that was taken in; keyed, since it is made of grades."""
        return hmac.new(secret, self._hash.digest(), hashlib.sha256).hexdigest()


class Going(BaseModel):
    """A child who goes to a named school."""

    model_config = ConfigDict(frozen=True)

    student: str
    site: str


class RollOverState(StrEnum):
    """Where a roll-over stands."""

    PREVIEWED = "previewed"
    APPLYING = "applying"
    APPLIED = "applied"


class RollOver(Aggregate):
    """One summer's roll-over of some schools: first a preview, then carried out.

    Attributes:
        year: in which the school year begins.
        promote: everybody of whom nothing else is said goes a grade up.
        stays: children who repeat their grade.
        going: children who go to a named school.
        mark: of all that it would do; what is carried out has the same.
        counts: children by what becomes of them.
        grades: children by grades, as `03 > 04`.
        lists: ids of the first 500 of each kind that somebody should look at.
        open_referrals: of the children who change schools; they stay where they are.
    """

    COLLECTION: ClassVar[str] = "roll_overs"

    sites: tuple[str, ...]
    year: int
    promote: bool = True
    stays: tuple[str, ...]
    going: tuple[Going, ...]
    by: str
    at: datetime
    fingerprint: str
    mark: str
    counts: Mapping[str, int]
    grades: Mapping[str, int]
    lists: Mapping[str, tuple[str, ...]]
    open_referrals: int
    state: RollOverState = RollOverState.PREVIEWED
    applied_by: str | None = None
    applied_at: datetime | None = None

    def begin(self, mark: str, by: str, today: date) -> "RollOver":
        """Return it as it is carried out; one that was interrupted goes on.

        Raises:
            EnlaceError: the children are not what the preview showed, or its year is over.
        """
        if self.state is RollOverState.PREVIEWED:
            need_year(self.year, today)
        if self.state is RollOverState.PREVIEWED and mark != self.mark:
            raise rule(
                "changed-since",
                "Children have come, gone or changed grade since this preview, so that it no "
                "longer shows what would happen. Nothing was changed: make a new preview under a "
                "fresh id, and look at it.",
                es="Desde esta vista previa llegaron, se fueron o cambiaron de grado algunos "
                "alumnos, así que ya no muestra lo que pasaría. No se cambió nada: haga una nueva "
                "con otro número, y revísela.",
            )
        return self.having(state=RollOverState.APPLYING, applied_by=self.applied_by or by)
