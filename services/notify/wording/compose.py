"""Puts a message together: its words, filled, within their frame. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.codes import Channel, Language
from services.notify.wording.frame import frame, letter, text_forms
from services.notify.wording.grammar import fill
from services.notify.wording.source import Source

Values = Mapping[str, Any]
"""By name; None where a message has no such value."""

Spoken = Sequence[tuple[Language, Values]]
"""The language of a message and its values in it; a second one follows in the same message."""


def text(source: Source, spoken: Spoken, *, stop: bool) -> list[str]:
    """Return a text in its forms, the one that says most first.

    Args:
        source: its words.
        spoken: in which language, with which values.
        stop: it is to say how to stop.

    Raises:
        MissingValueError: the words name a value that is not there.
    """
    bodies = [
        fill(source.parts[Channel.SMS, language].body, language, values)
        for language, values in spoken
    ]
    language, values = spoken[0]
    ends = stop and source.header.stop_line
    return text_forms(" / ".join(bodies), language, values, source.header.signs, stop=ends)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in one language."""

    language: Language
    subject: str
    text: str


def mail(source: Source, spoken: Spoken) -> list[Letter]:
    """Return a mail, in one language or in each of two.

    Raises:
        MissingValueError: the words name a value that is not there.
    """
    letters = []
    for language, values in spoken:
        part = source.parts[Channel.EMAIL, language]
        subject = " ".join(fill(part.subject, language, values).split())
        body = _lines(fill(part.body, language, values))
        text = letter(body, language, values, source.header.signs)
        letters.append(Letter(language, subject, text))
    return letters


def plain(letters: Sequence[Letter], stop_url: str = "") -> str:
    """Return a mail's words as plain text."""
    pieces = [each.text for each in letters]
    if stop_url:
        pieces.append(f"{frame('mail-stop', letters[0].language)}: {stop_url}\n")
    return "\n".join(pieces)


def subject_of(letters: Sequence[Letter]) -> str:
    """Return the subject, in both languages where there are two."""
    return " / ".join(each.subject for each in letters)


def _lines(body: str) -> str:
    """Return a mail's words with one empty line between paragraphs, whatever was left out."""
    lines: list[str] = []
    for line in (each.strip() for each in body.strip().splitlines()):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines)
