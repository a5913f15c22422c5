"""A draft of an agreement as a form holds it: from one that is known, checked, and as it is sent.

Pure. Of each kind of measure the form holds one; further ones of a known draft stay as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest
from typing import Any

from services.portal.model.agreement import PAPERS
from services.portal.model.whom import Whom, whom_of

APPROVERS = ("coordinator", "admin", "agency")
POLICIES = ("first-come", "urgency", "tier", "sibling")
SHARES = ("accepted-within", "answered-within")
COUNT = "served-by"
MOST_MILESTONES, LONGEST_NAME = 20, 200
MOST_PERCENT, MOST_STUDENTS, MOST_DAYS = 100, 100_000, 60


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure as typed; without a target there is none.

    Attributes:
        days: school days, of a share.
        by: the day of a count; empty: the agreement's last.
    """

    target: str = ""
    days: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Milestone:
    """What is to be done by a day, as typed; without either there is none."""

    name: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form holds.

    Attributes:
        services: ids; none: all of the agency.
        needs: codes of the kinds of need that it is meant to meet.
        whom: whom it is for.
        before: with what children are assessed before the help; empty: nothing was named.
        after: with what after it.
        measures: one a kind.
        milestones: in the order in which they were typed.
        waitlist: the policy by which free seats go; empty: each service's own.
    """

    sites: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    whom: Whom = field(default_factory=Whom)
    before: str = ""
    after: str = ""
    starts: str = ""
    until: str = ""
    requires: tuple[str, ...] = ()
    approvers: tuple[str, ...] = ()
    measures: Mapping[str, Measure] = field(default_factory=dict)
    milestones: tuple[Milestone, ...] = ()
    waitlist: str = ""

    def lacks(self) -> str | None:
        """Return the words for what is wrong, or None."""
        starts, until = _day(self.starts), _day(self.until)
        if not self.sites:
            return "draft.choose-school"
        if starts is None or (self.until and until is None):
            return "agree.say-from"
        if until is not None and until < starts:
            return "agree.until-before"
        if max(len(self.before), len(self.after)) > LONGEST_NAME:
            return "draft.say-assessment"
        if (wrong := self.whom.lacks()) is not None:
            return wrong
        if not _possible(self.milestones, until):
            return "draft.say-milestone"
        return next((key for each in self.measures.items() if (key := _wrong(*each))), None)

    def body(self, agency: str, known: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return what is sent; papers and further measures of a known draft go along."""
        return {
            "agency": agency,
            "status": "draft",
            "sites": list(self.sites),
            "services": list(self.services),
            "needs": list(self.needs),
            "eligibility": self.whom.body(),
            "pre_assessment": self.before or None,
            "post_assessment": self.after or None,
            "from": self.starts,
            "until": self.until or None,
            "requires": [each for each in PAPERS if each in self.requires],
            "papers": list(known["papers"]) if known else [],
            "approvers": [each for each in APPROVERS if each in self.approvers],
            "waitlist": self.waitlist if self.waitlist in POLICIES else None,
            "metrics": [
                *(_metric(kind, each) for kind, each in self.measures.items() if each.target),
                *(_further(known["metrics"]) if known else []),
            ],
            "milestones": [{"name": each.name, "by": each.by} for each in self.milestones],
        }


def draft_of(agreement: Mapping[str, Any]) -> Draft:
    """Return a known draft as the form begins with it."""
    first: dict[str, Measure] = {}
    for each in agreement["metrics"]:
        if each["kind"] not in first:
            days = "" if each["days"] is None else str(each["days"])
            first[each["kind"]] = Measure(str(each["target"]), days, each["by"] or "")
    return Draft(
        sites=tuple(agreement["sites"]),
        services=tuple(agreement["services"]),
        needs=tuple(agreement["needs"]),
        whom=whom_of(agreement["eligibility"]),
        before=agreement["pre_assessment"] or "",
        after=agreement["post_assessment"] or "",
        starts=agreement["from"],
        until=agreement["until"] or "",
        requires=tuple(agreement["requires"]),
        approvers=tuple(agreement["approvers"]),
        measures=first,
        milestones=tuple(Milestone(each["name"], each["by"]) for each in agreement["milestones"]),
        waitlist=agreement["waitlist"] or "",
    )


def typed_milestones(names: Sequence[str], days: Sequence[str]) -> tuple[Milestone, ...]:
    """Return the lines that hold something, of the two columns of a form."""
    lines = zip_longest(names, days, fillvalue="")
    typed = (Milestone(" ".join(name.split()), by.strip()) for name, by in lines)
    return tuple(each for each in typed if each.name or each.by)


def _possible(milestones: Sequence[Milestone], until: date | None) -> bool:
    names = {each.name for each in milestones}
    days = [_day(each.by) for each in milestones]
    whole = all(0 < len(name) <= LONGEST_NAME for name in names) and None not in days
    late = any(until is not None and day is not None and day > until for day in days)
    return whole and not late and len(names) == len(milestones)


def _further(metrics: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    seen: set[str] = set()
    further = []
    for each in metrics:
        if each["kind"] in seen or each["kind"] not in {*SHARES, COUNT}:
            further.append(dict(each))
        seen.add(each["kind"])
    return further


def _metric(kind: str, typed: Measure) -> dict[str, Any]:
    if kind == COUNT:
        return {"kind": kind, "target": int(typed.target), "by": typed.by or None}
    return {"kind": kind, "target": int(typed.target), "days": int(typed.days)}


def _wrong(kind: str, typed: Measure) -> str | None:
    if not typed.target:
        return None
    if kind == COUNT:
        fits = _number(typed.target, 1, MOST_STUDENTS) and (not typed.by or _day(typed.by))
        return None if fits else "draft.say-count"
    fits = _number(typed.target, 1, MOST_PERCENT) and _number(typed.days, 0, MOST_DAYS)
    return None if fits else "draft.say-share"


def _number(text: str, least: int, most: int) -> bool:
    return text.isascii() and text.isdigit() and least <= int(text) <= most


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
