"""JSON Schemas (2020-12) of the classes, closed and open.

The *closed* form says all that a class promises and is what releases are compared by: adding an
optional property to an open schema would look like a break, since it allowed that name anything.
The *open* form is published: it allows properties and codes that a later release may add.
"""

from collections.abc import Callable, Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from contracts.categories import Category, on_topics
from contracts.cloudevents import SCHEMA_BASE
from contracts.code import (
    DISTRICT_CODES,
    DISTRICT_PATTERN,
    MAX_CODE,
    MAX_DISTRICT_CODE,
    Code,
    DistrictCode,
)
from contracts.event import Event
from contracts.generate.catalogue import meaning, told

DIALECT = "https://json-schema.org/draft/2020-12/schema"
OPEN_CODES = "x-open-codes"
KNOWN_VALUES = "x-known-values"

Schema = dict[str, Any]


def codes_on_topics(codes: type[Code]) -> list[str]:
    """Return the codes that an event may carry, as they are listed."""
    if codes is Category:
        return list(dict.fromkeys(on_topics(category).value for category in Category))
    return [code.value for code in codes]


class _Generate(GenerateJsonSchema):
    """Adds what pydantic cannot know: meanings, and which lists of codes may grow."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        kind: type[BaseModel] = schema["cls"]
        made["description"] = told(kind).text
        made["additionalProperties"] = False
        for field, described in made.get("properties", {}).items():
            described.pop("title", None)
            described["description"] = meaning(kind, field)
        return made

    def enum_schema(self, schema: core_schema.EnumSchema) -> JsonSchemaValue:
        made = super().enum_schema(schema)
        codes = schema["cls"]
        made["description"] = told(codes).text
        if issubclass(codes, Code):
            made["enum"] = codes_on_topics(codes)
            made[OPEN_CODES] = True
            if issubclass(codes, DistrictCode):
                made[DISTRICT_CODES] = True
        return made


def closed_schema(kind: type[BaseModel]) -> Schema:
    """Return all that a class promises: no other properties, all codes, what is required."""
    return kind.model_json_schema(schema_generator=_Generate)


def open_schema(kind: type[Event]) -> Schema:
    """Return the published schema of a message."""
    return {
        "$schema": DIALECT,
        "$id": f"{SCHEMA_BASE}{kind.TYPE}.json",
        **_each(closed_schema(kind), opened),
    }


def shared_schemas(kinds: Iterable[type[Event]]) -> dict[str, Schema]:
    """Return the open schemas of all classes and their parts by name, for one document.

    The dialect is draft-07, which AsyncAPI's own schemas extend: a reference stands alone there.
    """
    _, made = models_json_schema(
        [(kind, "validation") for kind in kinds],
        schema_generator=_Generate,
        ref_template="#/components/schemas/{model}",
    )
    return {
        name: _each(_each(schema, opened), _reference_alone)
        for name, schema in made["$defs"].items()
    }


def opened(schema: Schema) -> Schema:
    """Open one schema: other properties and other codes are no fault, and null is never sent."""
    schema = dict(schema)
    if schema.get("additionalProperties") is False:
        del schema["additionalProperties"]
    if schema.pop(OPEN_CODES, False):
        known = schema.pop("enum")
        schema |= {
            "minLength": 1,
            "maxLength": MAX_CODE,
            "examples": known[:1],
            KNOWN_VALUES: known,
        }
        if schema.pop(DISTRICT_CODES, False):
            schema |= {"maxLength": MAX_DISTRICT_CODE, "pattern": f"^{DISTRICT_PATTERN}$"}
    if schema.get("default", ...) is None:
        del schema["default"]
    return schema


def _reference_alone(schema: Schema) -> Schema:
    if "$ref" not in schema or len(schema) == 1:
        return schema
    rest = {name: value for name, value in schema.items() if name != "$ref"}
    return {"allOf": [{"$ref": schema["$ref"]}], **rest}


_MAPS = ("properties", "$defs")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_SINGLES = ("items", "additionalProperties")


def _each(schema: Schema, change: Callable[[Schema], Schema]) -> Schema:
    """Change a schema and every one inside it."""
    made = change(schema)
    for name in _MAPS:
        if name in made:
            made = made | {name: {key: _each(one, change) for key, one in made[name].items()}}
    for name in _LISTS:
        if name in made:
            made = made | {name: [_each(one, change) for one in made[name]]}
    for name in _SINGLES:
        if isinstance(made.get(name), dict):
            made = made | {name: _each(made[name], change)}
    return made
