"""A referral's full history: who did what, when and from where. Pure.

It is put together from what is kept anyway: the events with who wrote them, what other services
told, readings of identity, openings of the record, attempts and notes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.chassis.acting import Acting, ActorKind, Via
from services.referral.model.attempts import ContactAttempt
from services.referral.model.audit import AuditEntry
from services.referral.model.consent import Disclosure
from services.referral.model.notes import Note

Position = tuple[datetime, str]
"""Where a page ends: the moment and id of its last line."""

READ = "identity.read"
CREATED = "referral.created"

_BY_AGENCY = frozenset(
    {
        "offering.claimed",
        "offering.contested",
        "offering.declined",
        "offering.waitlisted",
        "offering.progress-reported",
        "offering.identity-code-requested",
        "offering.deletion-reported",
    }
)
_BY_FAMILY = frozenset({"message.replied"})


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that somebody did.

    Attributes:
        what: as in the timeline: `referral.created`, `offering.claimed`; `identity.read` is a
            reading by an agency, `break-glass-read` one by staff behind the glass.
        subject: of a member of staff; an agency's or a person's id; a service's name. Empty where
            it is not known, or time acted.
        via: None where it was not kept.
        address: the network that the request came from; for who may audit alone.
        about: ids and codes.
    """

    id: str
    at: datetime
    what: str
    kind: ActorKind
    subject: str
    via: Via | None
    address: str = ""
    request: str = ""
    about: Mapping[str, str] = field(default_factory=dict)

    @property
    def position(self) -> Position:
        """Its place among all lines."""
        return self.at, self.id


def page(sources: Iterable[Iterable[Line]], limit: int) -> list[Line]:
    """Return the newest lines of several lists, each of which holds as many of its own."""
    every = [line for source in sources for line in source]
    return sorted(every, key=lambda line: line.position, reverse=True)[:limit]


def of_event(
    id: str,
    at: datetime,
    what: str,
    by: Acting,
    *,
    about: Mapping[str, str] | None = None,
    duplicate_of: str | None = None,
) -> Line:
    """Return the line of one of this service's own events.

    Where it was written down though the same need was open already, its beginning names that one.

    Args:
        id: of the event.
        at: when it happened.
        what: its type.
        by: who did it.
        about: the reason and the outcome that it names.
        duplicate_of: the referral that was open already.
    """
    twice = {"duplicate_of": duplicate_of} if duplicate_of and what == CREATED else {}
    known = {**(about or {}), **twice}
    return Line(id, at, what, by.kind, by.subject, by.via, by.address, by.request, known)


def of_told(id: str, at: datetime, what: str, about: Mapping[str, str], agency: str | None) -> Line:
    """Return the line of something that another service told.

    Args:
        id: of the event.
        at: when it happened.
        what: its type.
        about: ids and codes.
        agency: that has the referral, for what names none.
    """
    by_hand = about.get("recorded_by")
    if by_hand is not None:
        who = (ActorKind.STAFF, by_hand, Via.TELEPHONE)
    elif what in _BY_AGENCY:
        who = (ActorKind.AGENCY, about.get("agency") or agency or "", Via.AGENCY_LINK)
    elif what in _BY_FAMILY:
        who = (ActorKind.FAMILY, about.get("person", ""), Via.TEXT_MESSAGE)
    else:
        teller = "notify" if what.startswith("message.") else "partner"
        who = (ActorKind.SERVICE, teller, Via.EVENT)
    return Line(id, at, what, *who, about=about)


def of_reading(read: Disclosure) -> Line:
    """Return the line of an agency's reading of who the child is."""
    about = {
        **({"consent": read.consent} if read.consent else {}),
        "service": read.service,
        "parts": " ".join(each.value for each in read.parts),
    }
    if read.made_at != read.recorded_at:
        about["made_at"] = read.made_at.isoformat()  # told by word, and written down later
    return Line(
        read.id, read.recorded_at, READ, ActorKind.AGENCY, read.agency, Via.AGENCY_LINK, about=about
    )


def of_audit(entry: AuditEntry) -> Line:
    """Return the line of what the audit log keeps of the referral."""
    kind = ActorKind.STAFF if entry.roles else ActorKind.SERVICE
    return Line(
        id=entry.id,
        at=entry.at,
        what=entry.action.value,
        kind=kind,
        subject=entry.subject,
        via=Via(entry.via) if entry.via else None,
        address=entry.address,
        request=entry.request,
        about=entry.about,
    )


def of_attempt(attempt: ContactAttempt) -> Line:
    """Return the line of an attempt to reach the family, as of when it was handed in."""
    via = Via(attempt.via) if attempt.via else None
    return Line(
        attempt.id,
        attempt.recorded_at,
        "contact-attempt.made",
        ActorKind.STAFF,
        attempt.by,
        via,
        about=attempt.about(),
    )


def of_note(note: Note) -> list[Line]:
    """Return the lines of a note: that it was written, edited, added to; not what it says."""
    via = Via(note.via) if note.via else None
    about = {"note": note.id, "visibility": note.visibility.value}

    def line(id: str, at: datetime, what: str, by: str, via: Via | None = None) -> Line:
        return Line(id, at, what, ActorKind.STAFF, by, via, about=about)

    lines = [line(note.id, note.written_at, "note.written", note.author, via)]
    if note.edited_at is not None:
        lines.append(line(f"{note.id}-edited", note.edited_at, "note.edited", note.author))
    added = [line(each.id, each.at, "note.amended", each.by) for each in note.amendments]
    return [*lines, *added]
