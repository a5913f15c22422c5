"""No body is read that says nothing where it has to say something: of every text field."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel, ValidationError, create_model

from services.referral.model.part import Part
from services.referral.model.rules import Rules
from tests.test_access import app_of

BLANKS = ("   ", "\n \t", "\u00a0", "\u200b \u200b")
ELSEWHERE = {
    ("BatchBody", "attempts"): "each row is read by itself, as the body of one attempt",
    ("BulkRow", "student"): "each row is looked at by itself: this is no id",
    ("BulkRow", "referral"): "each row is looked at by itself: this is no id",
    ("ParkedKeyBody", "group"): "looked for among those that are parked",
    ("ParkedKeyBody", "topic"): "looked for among those that are parked",
    ("ParkedKeyBody", "key"): "looked for among those that are parked",
    ("GrantBody", "scope"): "empty for a role of the district; another is looked for among schools",
    ("PhoneBody", "label"): "a number may have none, and blanks become none",
}


def parts(kind: Any) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for each in get_args(kind):
        yield from parts(each)


def with_parts(kind: type[BaseModel], known: set[type[BaseModel]]) -> None:
    if kind not in known:
        known.add(kind)
        for field in kind.model_fields.values():
            for each in parts(field.annotation):
                with_parts(each, known)


def says(value: Any) -> bool:
    """Tell whether something is left of what was sent."""
    if isinstance(value, str):
        return True
    if isinstance(value, dict):
        return any(map(says, value.values()))
    return isinstance(value, tuple | list) and any(map(says, value))


def read(kind: type[BaseModel], name: str, sent: Any) -> Any:
    """Return what a body's field makes of what was sent, as the body's own base reads it.

    Raises:
        ValidationError: it is refused.
    """
    base = next(each for each in kind.__mro__[1:] if not getattr(each, "model_fields", None))
    field = kind.model_fields[name]
    parted: Any = (field.annotation, field)
    one: type[BaseModel] = create_model("One", __base__=base, field=parted)
    return getattr(one.model_validate({"field": sent}), "field")  # noqa: B009 - made a line above


async def test_no_text_of_any_request_is_of_blanks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = await app_of("referral", tmp_path, monkeypatch)
    bodies: set[type[BaseModel]] = set()
    for context in iter_route_contexts(app.routes):
        if isinstance(context.route, APIRoute) and context.route.body_field is not None:
            for each in parts(context.route.body_field.field_info.annotation):
                with_parts(each, bodies)
    taken: set[tuple[str, str]] = set()
    looked_at = 0
    for kind in bodies:
        for name in () if issubclass(kind, Part) else kind.model_fields:
            looked_at += 1
            for blank in BLANKS:
                for sent in (blank, [blank], {"en": blank}, {"en": [blank]}):
                    try:
                        value = read(kind, name, sent)
                    except ValidationError:
                        continue
                    if says(value):
                        taken.add((kind.__name__, name))
    assert looked_at > 100
    assert taken == set(ELSEWHERE)


def test_no_text_of_a_district_s_rules_is_of_blanks() -> None:
    """They are one document, whose parts check each other: as a whole."""
    names = {"en": "the roads are closed", "es": "los caminos están cerrados"}
    own = {"act": "hold", "code": "storm", "names": names}
    day = {"first": "2026-11-26", "last": "2026-11-27", "name": "Thanksgiving"}
    Rules.model_validate({"reasons": [own], "holidays": [day]})
    for blank in BLANKS:
        for rules in (
            {"hotline": blank},
            {"restricted_roles": [blank]},
            {"break_glass_roles": [blank]},
            {"zip3_told": [blank]},
            {"help_words": {"en": [blank]}},
            {"emergency_procedure": {"en": blank * 20, "es": blank * 20}},
            {"reasons": [own | {"names": names | {"en": blank}}]},
            {"reasons": [own | {"code": blank}]},
            {"holidays": [day | {"name": blank}]},
        ):
            with pytest.raises(ValidationError):
                Rules.model_validate(rules)
