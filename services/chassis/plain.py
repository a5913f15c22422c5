"""Texts as people mean them: without the characters that nobody sees.

A text that is pasted from a letter or a table brings ends of strings, bells and page breaks along.
They say nothing, and a file, a text message or a printed page breaks on them. Which text may have
several lines, its limit tells: a name, a street or a code has one.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, get_args, get_origin

from annotated_types import MaxLen
from pydantic import StringConstraints
from pydantic.fields import FieldInfo

SHORT = 200
"""Characters; a text that may be longer may have several lines."""

_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2028\u2029\u2060\ufeff]")
_LINES = re.compile(r"[\t\r\n]+")


def plain(value: Any, *, one_line: bool) -> Any:
    """Return a text, or the lists and mappings that hold texts, without what nobody sees.

    Args:
        value: as it was sent; what is no text stays as it is.
        one_line: ends of lines become blanks.
    """
    if type(value) is str:
        seen = _UNSEEN.sub("", value.replace("\r\n", "\n"))
        return _LINES.sub(" ", seen) if one_line else seen
    if type(value) in {list, tuple}:
        return type(value)(plain(each, one_line=one_line) for each in value)
    if type(value) is dict:
        return {key: plain(each, one_line=one_line) for key, each in value.items()}
    return value


def has_one_line(field: FieldInfo) -> bool:
    """Tell whether the texts of a field have one line: all of them are short."""
    limits = list(_limits(field.annotation, field.metadata))
    return bool(limits) and all(each is not None and each <= SHORT for each in limits)


def _limits(annotation: Any, metadata: Iterable[Any]) -> Iterable[int | None]:
    """Yield the limit of each text in an annotation; None of one without."""
    if annotation is str:
        yield min((each for one in metadata for each in _most(one)), default=None)
    elif get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        yield from _limits(inner, (*metadata, *more))
    elif get_origin(annotation) in {tuple, list, Mapping, dict}:
        for each in get_args(annotation):
            yield from _limits(each, ())
    else:
        for each in get_args(annotation):
            yield from _limits(each, metadata)


def _most(limit: Any) -> Iterable[int]:
    if isinstance(limit, FieldInfo):
        for each in limit.metadata:
            yield from _most(each)
    elif isinstance(limit, (MaxLen, StringConstraints)) and limit.max_length is not None:
        yield limit.max_length
