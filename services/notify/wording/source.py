"""A message's file: front matter that says what it is for, then its words by channel and language.

    ---
    purpose: Tells a family that the school has asked for help.
    audience: family
    channels: [text, email]
    sensitivity: child
    signs: coordinator
    answers: [referral.offered]
    link: family-status
    values: [link]
    ---
    ## text es
    Ya pedimos la ayuda para su familia: {{ link }}

    ## text en
    …

A mail's words begin with a line `Subject: …`. Greeting, signature and the way to stop stand in
`_frame.md`, once for all messages.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.codes import Channel, Language, LinkPurpose

FOLDER = Path(__file__).parents[1] / "templates"

LANGUAGES = (Language.SPANISH, Language.ENGLISH)
"""Those in which every message exists."""

_HEAD = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_PART = re.compile(r"^## (\S+) (\S+)\n", re.MULTILINE)
_SUBJECT = "Subject:"

Line = Annotated[str, Field(min_length=1, max_length=200)]


class TemplateFault(Exception):  # noqa: N818 - a fault of the words, which its writer mends
    """Words that cannot be used as they stand; the text says where and what to write instead."""


class Audience(StrEnum):
    """Who reads it."""

    FAMILY = "family"
    AGENCY = "agency"


class Sensitivity(StrEnum):
    """Whether it is about a child: then referral is asked whether it may go out."""

    CHILD = "child"
    NONE = "none"


class Signer(StrEnum):
    """Who speaks. A coordinator is named at the head; a school names itself within the words."""

    COORDINATOR = "coordinator"
    SCHOOL = "school"
    ENLACE = "enlace"
    NOBODY = "nobody"


class Medium(StrEnum):
    """A channel as files name it."""

    TEXT = "text"
    EMAIL = "email"

    @property
    def channel(self) -> Channel:
        """The channel."""
        return Channel.SMS if self is Medium.TEXT else Channel.EMAIL


class Header(BaseModel):
    """The front matter.

    Attributes:
        purpose: why it is sent, one sentence.
        audience: who reads it.
        channels: on which it exists.
        sensitivity: see `Sensitivity`.
        signs: see `Signer`.
        answers: types of the events that cause it, as `referral.offered`.
        link: what its link opens.
        values: names of the values that its words may use, beside those that every message has.
        stop_line: whether a text ends with how to stop, the first time and once a month.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    purpose: Line
    audience: Audience
    channels: tuple[Medium, ...] = Field(min_length=1)
    sensitivity: Sensitivity
    signs: Signer
    answers: tuple[Line, ...] = Field(min_length=1)
    link: LinkPurpose | None = None
    values: tuple[Line, ...] = ()
    stop_line: bool = True


@dataclass(frozen=True, slots=True)
class Part:
    """The words on one channel in one language; the subject is empty in a text."""

    body: str
    subject: str = ""


Parts = Mapping[tuple[Channel, Language], Part]


@dataclass(frozen=True)
class Source:
    """A message's file, read."""

    name: str
    header: Header
    parts: Parts

    def having(self, parts: Parts) -> "Source":
        """Return it with some of its words in another wording."""
        return Source(self.name, self.header, MappingProxyType({**self.parts, **parts}))

    def languages(self, channel: Channel) -> tuple[Language, ...]:
        """Return the languages in which it exists on a channel."""
        return tuple(language for kind, language in self.parts if kind is channel)


def read_source(name: str, text: str) -> Source:
    """Read a message's file.

    Raises:
        TemplateFault: it is no such file.
    """
    head = _HEAD.match(text)
    if head is None:
        raise TemplateFault(f"{name}: begin with front matter between two lines of ---")
    try:
        header = Header.model_validate(yaml.safe_load(head.group(1)))
    except (yaml.YAMLError, ValidationError) as error:
        raise TemplateFault(f"{name}: the front matter cannot be read: {error}") from error
    parts: dict[tuple[Channel, Language], Part] = {}
    for medium, language, words in _parts(text[head.end() :]):
        try:
            key = (Medium(medium).channel, Language(language))
        except ValueError as error:
            raise TemplateFault(
                f"{name}: '## {medium} {language}' is neither text nor email, or no language"
            ) from error
        if key in parts:
            raise TemplateFault(f"{name}: '## {medium} {language}' stands twice")
        parts[key] = read_part(name, key[0], words)
    return Source(name, header, MappingProxyType(parts))


def read_part(name: str, channel: Channel, words: str) -> Part:
    """Read the words of one channel and language.

    Raises:
        TemplateFault: a mail has no subject.
    """
    if channel is not Channel.EMAIL:
        return Part(" ".join(words.split()))
    first, _, body = words.strip().partition("\n")
    if not first.startswith(_SUBJECT) or not first.removeprefix(_SUBJECT).strip():
        raise TemplateFault(f"{name}: a mail begins with a line '{_SUBJECT} …'")
    return Part(body.strip(), first.removeprefix(_SUBJECT).strip())


def _parts(text: str) -> list[tuple[str, str, str]]:
    _, *found = _PART.split(text)
    return list(zip(found[::3], found[1::3], found[2::3], strict=True))


@cache
def shipped() -> Mapping[str, Source]:
    """Return every message that comes with Enlace, by name.

    Raises:
        TemplateFault: a file cannot be read.
    """
    return MappingProxyType(
        {
            path.stem: read_source(path.stem, path.read_text(encoding="utf-8"))
            for path in sorted(FOLDER.glob("[!_]*.md"))
        }
    )
