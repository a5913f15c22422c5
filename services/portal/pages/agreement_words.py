"""An agreement in the reader's words: what is due, who must approve, how its measures stand."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from markupsafe import Markup

from services.chassis.auth import Role
from services.portal.errors import PageError
from services.portal.model.agreement import Due
from services.portal.pages.listing import whom_in_words
from services.portal.pages.partners import Look
from services.portal.words import Words

_MARKS = {"on-track": "circle", "met": "check", "at-risk": "triangle", "missed": "triangle"}
_CODES = {"requires": "paper", "approvers": "approver", "needs": "category"}


async def standing(here: Look, id: str) -> list[dict[str, Any]]:
    """Return how an agreement stands by its measures; nothing where that cannot be had now."""
    try:
        return list(await here.get(f"/v1/agreements/{id}/metrics"))
    except PageError as error:
        if error.status not in {404, 503}:
            raise
        return []


def roles_of(here: Look, agreement: Mapping[str, Any]) -> set[str]:
    """Return the roles in which the reader could approve an agreement; partner has the say."""
    person = here.session.person
    held = {
        "admin": person.has(Role.ADMIN),
        "coordinator": any(person.holds(Role.COORDINATOR, site) for site in agreement["sites"]),
        "agency": person.holds(Role.AGENCY_ADMIN, agreement["agency"]),
    }
    return {role for role, holds in held.items() if holds}


def said_of(here: Look, agreement: Mapping[str, Any], due: Due) -> Markup:
    """Return what is due as a sentence."""
    words, when = here.words, here.when
    return words(
        f"agree.due-{due.what}",
        paper=words.code("paper", due.paper) if due.paper else "",
        day=when.calendar_day(due.day) if due.day else "",
        whom=waits_for(here, agreement),
        measure=metric_of(here, due.measure["metric"], agreement) if due.measure else "",
        milestone=due.milestone,
    )


def waits_for(here: Look, agreement: Mapping[str, Any]) -> str:
    """Return who must still approve."""
    return here.words.listed([here.words.code("approver", r) for r in agreement["unapproved"]])


def metric_of(here: Look, metric: Mapping[str, Any], agreement: Mapping[str, Any]) -> str:
    """Return a measure with its target as a sentence's part."""
    by = metric["by"] or agreement["until"]
    key = f"metric.{metric['kind']}"
    if metric["kind"] == "served-by" and not by:
        key = "metric.served"
    return str(
        here.words(
            key,
            target=metric["target"],
            n=metric["days"] or 0,
            by=here.when.calendar_day(by) if by else "",
        )
    )


def measure_of(
    here: Look, measured: Mapping[str, Any], agreement: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a measure as the page says it: what was agreed, how it stands, by which figures."""
    words, value = here.words, measured["value"]
    if value is None:
        told = words("agree.too-few", n=measured["of"])
    elif measured["metric"]["kind"] != "served-by":
        told = words("agree.share", value=value, n=measured["of"])
    elif measured["projected"] is None or measured["standing"] in {"met", "missed"}:
        told = words("agree.count", n=value)
    else:
        told = words("agree.projected", n=value, projected=measured["projected"])
    return {
        "says": metric_of(here, measured["metric"], agreement),
        "standing": measured["standing"],
        "mark": _MARKS.get(measured["standing"], "circle"),
        "told": told,
        "share": value if measured["metric"]["kind"] != "served-by" else None,
        "target": measured["metric"]["target"],
    }


def milestone_of(here: Look, milestone: Mapping[str, Any]) -> dict[str, Any]:
    """Return a milestone as the page says it: reached by whom and when, late, or by when."""
    words, reached = here.words, milestone["reached"]
    if reached:
        on = here.when.calendar_day(datetime.fromisoformat(reached["at"]))
        key = "reached" if reached["name"] else "reached-nameless"
        told = words(f"agree.milestone-{key}", name=reached["name"] or "", day=on)
    else:
        key = "late" if milestone["overdue"] else "by"
        told = words(f"agree.milestone-{key}", day=here.when.calendar_day(milestone["by"]))
    mark = "check" if reached else "triangle" if milestone["overdue"] else "circle"
    return {**milestone, "told": told, "mark": mark}


def approval_of(here: Look, approval: Mapping[str, Any]) -> str:
    """Return somebody's yes as a sentence."""
    key = "agree.approved" if approval["name"] else "agree.approved-nameless"
    on = datetime.fromisoformat(approval["at"])
    return str(
        here.words(
            key,
            name=approval["name"] or "",
            who=here.words.code("approver", approval["role"]),
            day=here.when.calendar_day(on),
        )
    )


def change_of(
    here: Look,
    change: Mapping[str, Any],
    services: Mapping[str, str],
    agreement: Mapping[str, Any],
) -> dict[str, Any]:
    """Return a term that is not as it was, in words."""

    def said(value: Any) -> str:
        return _term(here, change["term"], value, services, agreement)

    return {
        "term": here.words.code("term", change["term"]),
        "before": said(change["before"]),
        "after": said(change["after"]),
    }


def _term(
    here: Look,
    term: str,
    value: Any,
    services: Mapping[str, str],
    agreement: Mapping[str, Any],
) -> str:
    """Return the value of a term in words."""
    words = here.words
    nothing = str(words("settle.nothing"))
    if not value:
        return str(words("agree.no-end")) if term == "until" else nothing
    if term in _CODES:
        return words.listed([words.code(_CODES[term], each) for each in value])
    if term == "waitlist":
        return str(words.code("policy", value))
    said: dict[str, Callable[[], str]] = {
        "starts": lambda: here.when.calendar_day(value),
        "until": lambda: here.when.calendar_day(value),
        "sites": lambda: here.schools(value),
        "services": lambda: named(here, value, services),
        "milestones": lambda: "; ".join(
            f"{each['name']} ({here.when.calendar_day(each['by'])})" for each in value
        ),
        "eligibility": lambda: "; ".join(whom_said(here.words, value)) or nothing,
        "metrics": lambda: "; ".join(metric_of(here, each, agreement) for each in value),
    }
    return said[term]() if term in said else str(value)


def whom_said(words: Words, eligibility: Mapping[str, Any]) -> list[str]:
    """Return whom an agreement is for, in words; nothing where it is for everybody."""
    zips = eligibility["zips"]
    said = whom_in_words(words, eligibility, eligibility)
    return [*said, *([str(words("agree.whom-zips", zips=", ".join(zips)))] if zips else [])]


def named(here: Look, ids: Sequence[str], names: Mapping[str, str]) -> str:
    """Return services by name as a list; one that is not known is left out."""
    return here.words.listed(sorted(names[id] for id in ids if id in names))
