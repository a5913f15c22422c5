"""An appointment for somebody's own calendar (iCalendar, RFC 5545). Pure.

It names a time and who wrote, never what it is for: calendars are shared, and shown on locked
telephones.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

MEDIA_TYPE = "text/calendar"
_WIDEST = 75
"""Octets of a line (RFC 5545, 3.1)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a calendar.

    Attributes:
        id: the same for an appointment that has moved, so that a calendar moves it too.
        at: when it is.
        told: when it was last said; of two the later one counts.
        title: what stands in the calendar.
        url: a page with more; empty for none.
    """

    id: str
    at: datetime
    told: datetime
    title: str
    url: str = ""


def calendar_of(entry: Entry) -> str:
    """Return a calendar with one entry."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Enlace//Enlace//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{entry.id}@enlace",
        f"DTSTAMP:{_moment(entry.told)}",
        # Grows with each telling: minutes fit into what calendars take for a number.
        f"SEQUENCE:{int(entry.told.timestamp()) // 60}",
        f"DTSTART:{_moment(entry.at)}",
        f"SUMMARY:{_escaped(entry.title)}",
        *([f"URL:{entry.url}"] if entry.url else []),
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    """Return a text value (RFC 5545, 3.3.11)."""
    for each in "\\;,":
        text = text.replace(each, f"\\{each}")
    return text.replace("\r\n", "\\n").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Return a line in pieces of 75 octets, the later ones after a space; letters stay whole."""
    pieces, piece = [], ""
    for letter in line:
        if len(f"{piece}{letter}".encode()) > _WIDEST:
            pieces.append(piece)
            piece = " "
        piece += letter
    return "\r\n".join([*pieces, piece])
