"""What is said where a service refuses: what happened, who was faster, and what to do next."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any

from services.portal.errors import PageError
from services.portal.model.referral import Entry
from services.portal.pages.lines import said
from services.portal.when import When
from services.portal.words import Words

_GO_ON = frozenset({403, 404, 429, 503})
"""Refusals that are about the whole page: the form would not help."""


@dataclass(frozen=True, slots=True)
class Missed:
    """What somebody else did meanwhile."""

    at: datetime | None
    text: str
    by: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal in the reader's language.

    Attributes:
        missed: what others did since the page was opened, newest first.
    """

    title: str
    text: str
    missed: tuple[Missed, ...] = field(default=())


def lacking(key: str, words: Words) -> Refused:
    """Return what is said of a form that lacks something; nothing was sent."""
    return Refused(str(words("form.look-again")), str(words(key)))


def refused(error: PageError, words: Words, when: When) -> Refused:
    """Return what is said of a refusal: the page's own words, or else the service's."""
    known = (error.slug, str(error.status), str(int(HTTPStatus.INTERNAL_SERVER_ERROR)))
    title = next(each for each in known if words.has(f"error.{each}.title"))
    told = next(each for each in known if words.has(f"error.{each}.text"))
    text = str(words(f"error.{told}.text"))
    if told != error.slug:
        text = error.told.get(words.language) or text
    missed = tuple(_missed(each, words, when) for each in error.meanwhile)
    return Refused(str(words(f"error.{title}.title")), text, missed)


def about_the_form(error: PageError) -> bool:
    """Tell whether a refusal is shown on its form, with what was typed still there."""
    return error.status not in _GO_ON and error.status < HTTPStatus.INTERNAL_SERVER_ERROR


def _missed(change: Mapping[str, Any], words: Words, when: When) -> Missed:
    at = _moment(change.get("at"))
    entry = Entry(id="", at=at or when.now, what=str(change.get("what", "")))
    name = change.get("name")
    return Missed(at, said(entry, {}, words), str(name) if name else "")


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None
