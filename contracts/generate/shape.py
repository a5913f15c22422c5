"""A JSON Schema as compatibility sees it: references followed, words and names set aside.

A definition may be renamed or moved without anybody noticing; only what a record may hold counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contracts.code import DISTRICT_CODES
from contracts.generate.schemas import OPEN_CODES, Schema

_WORDS = frozenset(
    {"$defs", "$id", "$schema", "title", "description", "examples", "default", "deprecated"}
)
_COMPARED_APART = frozenset(
    {
        *("$ref", "anyOf", "oneOf", "discriminator", "type", "format", "enum", "const", "required"),
        *("properties", "additionalProperties", "items", "prefixItems"),
        *(OPEN_CODES, DISTRICT_CODES),
    }
)
_NULL = {"type": "null"}


@dataclass(frozen=True)
class Shape:
    """One place of a schema.

    Attributes:
        own: its schema, with its reference followed and null taken out.
        root: the document that references point into.
        nullable: whether null may stand here.
    """

    own: Schema
    root: Schema
    nullable: bool

    @classmethod
    def of(cls, schema: Schema, root: Schema) -> "Shape":
        """Follow references, and take null out of the choices."""
        own, nullable = _followed(schema, root), False
        choices = own.get("anyOf") or own.get("oneOf") or []
        if _NULL in choices:
            nullable = True
            left = [choice for choice in choices if choice != _NULL]
            rest = {name: own[name] for name in own if name not in ("anyOf", "oneOf")}
            own = {**_followed(left[0], root), **rest} if len(left) == 1 else {"anyOf": left}
        kinds = own.get("type")
        if isinstance(kinds, list) and "null" in kinds:
            nullable = True
            left_kinds = [kind for kind in kinds if kind != "null"]
            own = {**own, "type": left_kinds[0] if len(left_kinds) == 1 else left_kinds}
        return cls(own, root, nullable)

    @property
    def type(self) -> str:
        """The JSON type, as a person calls it."""
        if self.choices:
            return "one of several"
        if "properties" in self.own:
            return "object"
        kind = self.own.get("type", "anything")
        return " or ".join(sorted(kind)) if isinstance(kind, list) else str(kind)

    @property
    def format(self) -> str | None:
        """`date`, `date-time` and the like."""
        found = self.own.get("format")
        return None if found is None else str(found)

    @property
    def codes(self) -> list[Any] | None:
        """The listed values, or None where any will do."""
        if "const" in self.own:
            return [self.own["const"]]
        found = self.own.get("enum")
        return None if found is None else list(found)

    @property
    def codes_may_grow(self) -> bool:
        """Whether readers were told to take a code that they do not know."""
        return bool(self.own.get(OPEN_CODES))

    @property
    def required(self) -> frozenset[str]:
        """Names of fields that are always there."""
        return frozenset(self.own.get("required", ()))

    @property
    def fields(self) -> dict[str, Schema]:
        """The object's fields, as schemas."""
        return dict(self.own.get("properties", {}))

    @property
    def choices(self) -> list["Shape"]:
        """The alternatives, where there are several besides null."""
        several = self.own.get("anyOf") or self.own.get("oneOf") or []
        return [Shape.of(one, self.root) for one in several]

    @property
    def inner(self) -> Iterator[tuple[str, Schema]]:
        """What an array or a map holds, each with its mark in a path."""
        for index, schema in enumerate(self.own.get("prefixItems", ())):
            yield f"[{index}]", schema
        if isinstance(self.own.get("items"), dict):
            yield "[]", self.own["items"]
        if isinstance(self.own.get("additionalProperties"), dict):
            yield "{}", self.own["additionalProperties"]

    @property
    def limits(self) -> dict[str, Any]:
        """Everything else that limits a value: lengths, bounds, patterns, encodings."""
        return {
            name: value
            for name, value in self.own.items()
            if name not in _WORDS and name not in _COMPARED_APART
        }


def _followed(schema: Schema, root: Schema) -> Schema:
    """Follow a reference, also one wrapped in `allOf`; what stands beside it goes before."""
    while True:
        if "$ref" in schema:
            target = root
            for step in schema["$ref"].removeprefix("#/").split("/"):
                target = target[step]
        elif len(schema.get("allOf", ())) == 1:
            target = schema["allOf"][0]
        else:
            return schema
        beside = {name: schema[name] for name in schema if name not in ("$ref", "allOf")}
        schema = {**target, **beside}
