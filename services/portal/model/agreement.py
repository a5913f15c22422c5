"""What is due of an agreement, as partner tells it: who must do what before offers stop. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

SOON_DAYS = 60
"""From when a paper or the agreement itself is to be renewed; partner reminds from then on."""

LIVE = frozenset({"active", "expiring"})
PAPERS = ("insurance", "background-checks", "license")


class Group(StrEnum):
    """Where an agreement stands in the list, the most pressing first."""

    STOPPED = "stopped"
    YOURS = "yours"
    DUE = "due"
    RISK = "risk"
    FINE = "fine"
    DRAFT = "draft"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that is due.

    Attributes:
        what: names the words: `agree.due-<what>`.
        group: where it puts the agreement.
        paper: which one, where it is about a paper.
        day: by when.
        measure: how a measure stands, where it is about one.
        milestone: the name of a late one.
    """

    what: str
    group: Group
    paper: str = ""
    day: date | None = None
    measure: Mapping[str, Any] | None = None
    milestone: str = ""


def due_of(
    agreement: Mapping[str, Any],
    measures: Iterable[Mapping[str, Any]],
    today: date,
    *,
    roles: Collection[str] = (),
    renewed: bool = False,
) -> list[Due]:
    """Return what is due, the most pressing first.

    Args:
        agreement: as partner shows it.
        measures: how it stands by them.
        today: local to the district.
        roles: in which the reader could approve it.
        renewed: another one follows it already.
    """
    status, found = agreement["status"], []
    if status == "in-review":
        mine = set(agreement["unapproved"]) & set(roles)
        found.append(Due("approve" if mine else "waits", Group.YOURS if mine else Group.DRAFT))
    if status == "draft":
        found.append(Due("submit", Group.DRAFT))
    if status == "expired" and not renewed:
        found.append(Due("expired", Group.STOPPED, day=_day(agreement["until"])))
    if status in LIVE:
        found += [Due("lacks", Group.STOPPED, paper=kind) for kind in agreement["lacking"]]
        found += _papers(agreement, today)
        if status == "expiring" and not renewed:
            found.append(Due("renew", Group.DUE, day=_day(agreement["until"])))
        found += [
            Due(f"measure-{each['standing']}", Group.RISK, measure=each)
            for each in measures
            if each["standing"] in {"at-risk", "missed"}
        ]
        found += [
            Due("milestone", Group.RISK, day=_day(each["by"]), milestone=each["name"])
            for each in agreement["milestones"]
            if each["overdue"]
        ]
        found += [
            Due("milestone-soon", Group.DUE, day=_day(each["on"]), milestone=each["name"])
            for each in agreement["deadlines"]
            if each["kind"] == "milestone" and each["left"] >= 0
        ]
    return sorted(found, key=lambda each: list(Group).index(each.group))


def group_of(agreement: Mapping[str, Any], due: Sequence[Due]) -> Group:
    """Return where an agreement stands in the list."""
    if due:
        return due[0].group
    return Group.FINE if agreement["status"] in LIVE else Group.OVER


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One paper of an agreement.

    Attributes:
        state: `missing`, `over`, `soon`, `valid` or `endless`.
        needed: without it no offer goes out.
    """

    kind: str
    state: str
    needed: bool
    until: date | None = None


def papers_of(agreement: Mapping[str, Any], today: date) -> list[PaperLine]:
    """Return the papers that an agreement needs or that were seen."""
    seen = {each["kind"]: each for each in agreement["papers"]}
    lines = []
    for kind in PAPERS:
        needed = kind in agreement["requires"]
        if kind not in seen:
            if needed:
                lines.append(PaperLine(kind, "missing", needed))
            continue
        until = _day(seen[kind]["until"])
        lines.append(PaperLine(kind, _state(until, today), needed, until))
    return lines


def _papers(agreement: Mapping[str, Any], today: date) -> list[Due]:
    return [
        Due("paper", Group.DUE, paper=each.kind, day=each.until)
        for each in papers_of(agreement, today)
        if each.needed and each.state == "soon"
    ]


def _state(until: date | None, today: date) -> str:
    if until is None:
        return "endless"
    if until < today:
        return "over"
    return "soon" if (until - today).days <= SOON_DAYS else "valid"


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
