"""Sentences of referrals and timelines in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from services.portal.model.queue import Call, TodayRow
from services.portal.model.referral import Entry, Referral
from services.portal.model.situation import Group, Mark, Row, mark_of
from services.portal.when import When
from services.portal.words import Words

_SHAPES: Mapping[Mark, Markup] = {
    Mark.TRIANGLE: Markup('<path d="M6 1 11.5 11H.5z" fill="currentColor"/>'),
    Mark.CIRCLE: Markup(
        '<circle cx="6" cy="6" r="4.5" fill="none" stroke="currentColor" stroke-width="2"/>'
    ),
    Mark.SQUARE: Markup(
        '<rect x="1.5" y="1.5" width="9" height="9" fill="none" stroke="currentColor" '
        'stroke-width="2"/>'
    ),
    Mark.CLOCK: Markup(
        '<g fill="none" stroke="currentColor" stroke-width="1.5"><circle cx="6" cy="6" r="5"/>'
        '<path d="M6 3v3l2 1.5"/></g>'
    ),
    Mark.CHECK: Markup(
        '<path d="m1.5 6.5 3 3 6-7" fill="none" stroke="currentColor" stroke-width="2"/>'
    ),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the queue in words.

    Attributes:
        who: the child; `what`: grade and need, to stand beside it.
        why: why the row is here, and since when.
        text: what is known.
        do: what to do now, on the button.
        path: the page on which it is done; empty where there is none.
        also: further reasons of the same child, each with the page on which it is settled.
        more: what else can be done: the words' key and the page.
        id: of the referral to open; empty where something else calls.
    """

    id: str
    who: str
    what: str
    why: str
    text: str
    do: str
    tone: str
    mark: Markup
    path: str
    also: tuple[tuple[str, str], ...] = ()
    more: tuple[tuple[str, str], ...] = ()


def line_of(row: Row, names: Mapping[str, str], words: Words, when: When) -> Line:
    """Say where a referral stands."""
    referral, where = row.referral, row.situation
    key = f"situation.{where.key}"
    known = agencies(referral.agencies, names, words)
    values = {
        "since": when.since(where.since),
        "agency": known,
        "appointment": when.moment(referral.appointment) if referral.appointment else "",
    }
    return Line(
        id=referral.id,
        who=referral.name,
        what=what_of(referral.grade, referral.category, words),
        why=words(f"{key}.why", **values),
        text=words(f"{key}.line", **values),
        do=words(f"{key}.do", **values),
        tone=tone_of(where.group),
        mark=_SHAPES[where.mark],
        path=f"/referrals/{referral.id}",
    )


def today_line(row: TodayRow, names: Mapping[str, str], words: Words, when: When) -> Line:
    """Say a row of the queue: why the child is here, and what to do next."""
    return Line(
        id=row.home.removeprefix("/referrals/"),
        who=_who(row, words),
        what=what_of(row.grade, row.category, words),
        why=why_of(row, words, when),
        text=_known(row, names, words, when),
        do=words.code("step", row.step),
        tone=tone_of(row.group),
        mark=_SHAPES[mark_of(row.group)],
        path=row.path,
        also=tuple((why_of(each, words, when), each.path) for each in row.more),
        more=_more(row),
    )


def _who(row: TodayRow, words: Words) -> str:
    if row.withheld:
        return words("call.withheld.who")
    return row.name if row.name != "-" else words("asked.nobody-known")


def _more(row: TodayRow) -> tuple[tuple[str, str], ...]:
    """Return what else can be done about a row; what stands on its button is left out."""
    home = row.home
    if not home:
        return ()
    follow = f"{home}/follow-ups#f-{row.follow_up}"
    ways = [
        ("more.contact", f"{home}/contacts"),
        *([("more.snooze", follow)] if row.follow_up else []),
        ("more.note", f"{home}/notes"),
        ("more.see", home),
    ]
    return tuple((key, path) for key, path in ways if path != row.path or key == "more.snooze")


def tone_of(group: Group) -> str:
    """Return the class of a row: what hurts a child if it waits is warm."""
    urgent = {Group.CRISIS, Group.PROTECTION, Group.FAMILY_NO}
    return Group.CRISIS.value if group in urgent else group.value


def shape_of(mark: Mark) -> Markup:
    """Return the shape beside a row."""
    return _SHAPES[mark]


def why_of(call: Call, words: Words, when: When) -> str:
    """Return why a row is here, and since when."""
    deadline = _deadline(call, words, when)
    return words(_key(call, "why", words), since=when.since(call.since), deadline=deadline)


def _known(call: Call, names: Mapping[str, str], words: Words, when: When) -> str:
    if call.withheld:
        return words("call.withheld.line")
    key = _key(call, "line", words)
    if not call.agencies and words.has(f"{key}-alone"):
        key = f"{key}-alone"
    if call.step == "call-hotline":
        key = f"{key}-uncalled"  # its deadline is counted from the call
    return words(
        key,
        agency=agencies(call.agencies, names, words),
        deadline=_deadline(call, words, when),
    )


def _key(call: Call, part: str, words: Words) -> str:
    key = f"call.{call.reason}.{part}"
    return key if words.has(key) else f"call.other.{part}"


def _deadline(call: Call, words: Words, when: When) -> str:
    return str(words("call.soon")) if call.deadline is None else when.moment(call.deadline)


def what_of(grade: str | None, category: str | None, words: Words) -> str:
    """Return grade, need and school's word for it: `grade 3 · dentist`; what is not known is left.

    A record beside the referrals has no need that could be named.
    """
    parts = [words("row.grade", grade=grade)] if grade else []
    needs = [words.code("category", category)] if category else []
    return " · ".join([*parts, *needs])


def agencies(ids: Sequence[str], names: Mapping[str, str], words: Words) -> str:
    """Return agencies by name, as a list in a sentence."""
    known = [names[id] for id in ids if id in names]
    if len(known) < len(ids) or not known:
        known.append(str(words("agency.unknown")))
    return words.listed(list(dict.fromkeys(known)))


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a timeline in words."""

    at: datetime
    text: str


WHYS = {
    "rejected": "reason",
    "cancelled": "why-cancel",
    "on-hold": "why-hold",
    "entered-in-error": "why-in-error",
}
"""States that have a reason, and whose it is."""


def ended(referral: Referral, words: Words) -> list[str]:
    """Say what came of a referral, as the agency told, and why it ended or rests; as far as known.

    The family's own answer is another sentence: it is where the referral stands.
    """
    said: list[str] = []
    if referral.outcome is not None:
        key = "referral.came-of-there" if referral.hand_off else "referral.came-of"
        said.append(words(key, outcome=words.code("came-of", referral.outcome)))
    why = WHYS.get(referral.state)
    if why is not None and referral.reason is not None:
        said.append(words("referral.why", reason=words.code(why, referral.reason)))
    return said


_REASONS = {
    "referral.rejected": "reason",
    "referral.cancelled": "why-cancel",
    "referral.on-hold": "why-hold",
    "referral.entered-in-error": "why-in-error",
    "follow-up.snoozed": "snooze",
}
"""Lines that say why where it is known, and whose reasons those are."""


def told(entries: Sequence[Entry], names: Mapping[str, str], words: Words) -> list[Told]:
    """Say a timeline, the newest first."""
    return [Told(each.at, said(each, names, words)) for each in reversed(entries)]


def said(entry: Entry, names: Mapping[str, str], words: Words) -> str:
    """Say one line of a timeline."""
    key = f"timeline.{entry.what}"
    if not words.has(key):
        return words("timeline.other")
    about = entry.about
    if about.get("recorded_by") and words.has(f"{key}-by-hand"):
        key = f"{key}-by-hand"
    why = _REASONS.get(entry.what)
    if why and about.get("reason"):
        return words(f"{key}-why", reason=words.code(why, about["reason"]))
    if about.get("outcome") and words.has(f"{key}-outcome"):
        return words(f"{key}-outcome", outcome=words.code("came-of", about["outcome"]))
    agency = about.get("agency")
    values: dict[str, Any] = {
        "agency": agencies([agency] if agency else [], names, words),
        "by": about.get("recorded_by", ""),
        "reason": words.code("reason", about.get("reason", "other")),
        "template": words.code("template", about.get("template", "other")),
        "reply": words.code("reply", about.get("reply", "other")),
    }
    return words(key, **values)
