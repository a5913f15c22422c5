"""The copy of a family's records as a page to read: every code, name and time in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from contracts.rules import ReasonedAct
from services.chassis.ids import is_id
from services.chassis.sites import Sites
from services.referral.api.disclosure_report import ReportWords, templates

Sections = Mapping[str, Sequence[Mapping[str, Any]]]
_DAY_CHARACTERS = 10


@dataclass(frozen=True, slots=True)
class Known:
    """What is called how.

    Attributes:
        others: names of agencies and services by id, as the caller passed them.
        staff: names of staff by account, as the register has them.
        accounts: every account that stands in the copy; one without a name is *the school's staff*.
        sites: the schools.
        zone: in which times are told.
    """

    others: Mapping[str, str]
    staff: Mapping[str, str]
    accounts: frozenset[str]
    sites: Sites
    zone: str


Write = Callable[[Any, Known, ReportWords], str]
"""Puts a value into words."""


def accounts_in(sections: Sections) -> frozenset[str]:
    """Return the accounts of staff that a copy names in fields that hold nothing else."""
    found: set[str] = set()
    for items in sections.values():
        for item in items:
            found |= {str(item[name]) for name in _STAFF if item.get(name)}
            found |= {str(task["owner"]) for task in item.get("tasks", ())}
    return frozenset(found)


def write_export(
    sections: Sections, made: date, known: Known, say: ReportWords, *, cut: bool
) -> str:
    """Return the copy as a page to print.

    Args:
        sections: of the copy; what is unknown is left out.
        made: today, local to the school.
        known: names.
        say: the words of its language.
        cut: children at other schools are not in it.
    """
    shown = [
        (say(f"export.section.{name}"), [_rows(name, item, known, say) for item in items])
        for name, items in sections.items()
    ]
    page = templates().get_template("family_export.html")
    return page.render(say=say, language=say.language, sections=shown, made=say.day(made), cut=cut)


def _rows(
    section: str, item: Mapping[str, Any], known: Known, say: ReportWords
) -> list[tuple[str, list[str]]]:
    """Return a table's rows as label and lines."""
    rows = []
    for name, value in item.items():
        values = [each for each in _all(value) if each is not None and each != ""]
        if values and name not in _FOR_PROGRAMS:
            write = _writer(section, name, item)
            lines = [write(each, known, say) for each in values]
            rows.append((say(f"export.field.{name}"), lines))
    return rows


def _all(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else [value]


def _writer(section: str, name: str, item: Mapping[str, Any]) -> Write:
    """Return what puts a field's values into words."""
    if name == "agency" and item.get("handed_how"):
        return _place
    if name in _WRITTEN:
        return _WRITTEN[name]
    if name == "reason":
        return partial(_reason, str(item["state"]))
    kind = _KINDS.get(f"{section}.{name}") or _KINDS.get(name)
    return _as_it_is if kind is None else partial(_code, kind)


def _as_it_is(value: Any, known: Known, say: ReportWords) -> str:
    del known
    if isinstance(value, bool):
        return say("export.yes" if value else "export.no")
    return str(value)


def _code(kind: str, value: Any, known: Known, say: ReportWords) -> str:
    del known
    return say.code(kind, str(value))


def _reason(state: str, value: Any, known: Known, say: ReportWords) -> str:
    del known
    act = _ACTS.get(state)
    return str(value) if act is None else say.reason(act, str(value))


def _time(value: Any, known: Known, say: ReportWords) -> str:
    """Return a day, or a moment in the school's zone."""
    text = str(value)
    if len(text) <= _DAY_CHARACTERS:
        return say.day(date.fromisoformat(text))
    return say.moment(datetime.fromisoformat(text).astimezone(ZoneInfo(known.zone)))


def _staff(value: Any, known: Known, say: ReportWords) -> str:
    return known.staff.get(str(value)) or say("export.staff")


def _who(value: Any, known: Known, say: ReportWords) -> str:
    """Return somebody: of the staff, of the family, or whose name this reader may not have."""
    text = str(value)
    if text in known.staff or text in known.accounts:
        return _staff(text, known, say)
    return say("export.somebody") if is_id(text) else text


def _agency(value: Any, known: Known, say: ReportWords) -> str:
    """Return an agency's name: an id says nothing to a family."""
    return known.others.get(str(value)) or say("export.agency")


def _service(value: Any, known: Known, say: ReportWords) -> str:
    return known.others.get(str(value)) or say("export.service")


def _place(value: Any, known: Known, say: ReportWords) -> str:
    """Return where somebody was handed to, as it was written down; once erased an id is left."""
    return say("export.place") if is_id(str(value)) else _as_it_is(value, known, say)


def _asked(value: Any, known: Known, say: ReportWords) -> str:
    agency, service = _agency(value["agency"], known, say), known.others.get(value["service"])
    return f"{agency}: {service}" if service else agency


def _school(value: Any, known: Known, say: ReportWords) -> str:
    del say
    return known.sites.get(str(value)).name


def _task(value: Any, known: Known, say: ReportWords) -> str:
    return say(
        "export.task",
        what=value["what"] or say("erased"),
        who=_staff(value["owner"], known, say),
        day=_time(value["due_on"], known, say),
        state=say.code("task", value["state"]),
    )


def _time_of_day(value: Any, known: Known, say: ReportWords) -> str:
    del known
    return say.clock(str(value))


_STAFF = frozenset(
    {"coordinator", "entered_by", "scan_stored_by", "handed_by", "closed_by", "done_by", "by"}
)
_DAYS = frozenset({"since", "until", "birth_date", "left_on", "given_on", "due_on", "next_on"})
_MOMENTS = frozenset(
    {
        "at",
        "appointment",
        "changed_at",
        "closed_at",
        "confirmed_at",
        "created_at",
        "edited_at",
        "handed_at",
        "handled_at",
        "held_until",
        "recorded_at",
        "revoked_at",
        "scan_stored_at",
    }
)
_WRITTEN: Mapping[str, Write] = {
    **dict.fromkeys(_DAYS | _MOMENTS, _time),
    **dict.fromkeys(_STAFF, _staff),
    **dict.fromkeys(("given_by", "revoked_by", "sought", "people"), _who),
    **dict.fromkeys(("agency", "agencies"), _agency),
    **dict.fromkeys(("reach_from", "reach_until"), _time_of_day),
    "asked": _asked,
    "school": _school,
    "service": _service,
    "tasks": _task,
}
_KINDS: Mapping[str, str] = {
    "audience": "audience",
    "because": "because",
    "business": "business",
    "categories": "category",
    "category": "category",
    "channel": "channel",
    "confirmed_how": "confirmed",
    "deletions.state": "deletion",
    "enrolment": "enrolment",
    "follow_up": "follow-up",
    "follow_ups.state": "follow-up-state",
    "handed_how": "way",
    "handed_parts": "part",
    "handled_how": "handled",
    "help_requests.state": "help",
    "insurance": "insurance",
    "interpreted_by": "interpreter",
    "kind": "kind",
    "method": "method",
    "outcome": "outcome",
    "parts": "part",
    "preferred": "preferred",
    "programmes": "programme",
    "purposes": "purpose",
    "read_in": "language",
    "reads": "language",
    "relation": "relation",
    "revoked_reason": "revoked",
    "role": "role",
    "roles": "role",
    "scan_type": "scan",
    "source": "source",
    "speaks": "language",
    "spoken": "language",
    "state": "state",
    "urgency": "urgency",
}
"""Whose words a code has; where two sections call a field alike, by section."""

_ACTS: Mapping[str, ReasonedAct] = {
    "rejected": ReasonedAct.DECLINE,
    "cancelled": ReasonedAct.CANCEL,
    "on-hold": ReasonedAct.HOLD,
    "entered-in-error": ReasonedAct.ENTER_IN_ERROR,
}
"""Whose reason it is, by the state that it led to."""

_FOR_PROGRAMS = frozenset({"history", "follows"})
"""Codes and ids that say nothing to a family; the JSON has them."""
