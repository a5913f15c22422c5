"""Requests made from a service's own OpenAPI document: one that fits, with one field as wanted.

The document tells the form of a body; what no schema can tell, such as the id of a child who is
there, stands in `Known` by the field's name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from services.chassis.ids import new_id

Schema = dict[str, Any]
Path = tuple[str | int, ...]

LANGUAGE_TAG = 35
"""Characters at most; no other field has that limit."""
PLAIN: Mapping[str, str] = {
    "site": "site-01",
    "sites": "site-01",
    "scope": "site-01",
    "phone": "+15105550123",
    "number": "+15105550123",
    "email": "elena@example.org",
    "home_zip": "94601",
    "programmes": "iep",
    "about": "referral:x",
    "name": "student:Ana",
    "restricted_roles": "coordinator",
    "break_glass_roles": "coordinator",
    "code": "123456",
}
"""What fits a field that the schema alone does not tell, by its name."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A field of a body: where it stands, and its schema."""

    path: Path
    schema: Schema

    @property
    def name(self) -> str:
        """The last name on the way to it."""
        return [str(part) for part in self.path if isinstance(part, str)][-1]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation as the document tells it."""

    method: str
    path: str
    told: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def roles(self) -> list[str]:
        """Who may call it."""
        found: list[str] = self.told.get("x-enlace-roles", [])
        return found

    @property
    def json(self) -> Schema | None:
        """The schema of its JSON body, where it takes one."""
        content = self.told.get("requestBody", {}).get("content", {})
        found: Schema | None = content.get("application/json", {}).get("schema")
        return found

    @property
    def queries(self) -> Iterator[tuple[str, Schema]]:
        """What it may be asked by."""
        for each in self.told.get("parameters", ()):
            if each["in"] == "query":
                yield each["name"], each["schema"]


@dataclass(frozen=True, slots=True)
class Document:
    """A service's document.

    Attributes:
        known: ids of what is there, by the name of a field.
    """

    document: dict[str, Any]
    known: Mapping[str, str]

    def resolved(self, schema: Schema) -> Schema:
        """Return what a schema stands for; of several, the first that is not null."""
        while True:
            if "$ref" in schema:
                schema = self.document["components"]["schemas"][schema["$ref"].split("/")[-1]]
            elif "allOf" in schema:
                schema = schema["allOf"][0]
            elif "anyOf" in schema:
                schema = next(each for each in schema["anyOf"] if each.get("type") != "null")
            else:
                return schema

    def leaves(self, schema: Schema, path: Path = ()) -> Iterator[Leaf]:
        """Yield every field of a body."""
        schema = self.resolved(schema)
        match schema.get("type"):
            case "object":
                for name, each in schema.get("properties", {}).items():
                    yield from self.leaves(each, (*path, name))
            case "array":
                yield from self.leaves(schema.get("items", {}), (*path, 0))
            case _ if path:
                yield Leaf(path, schema)

    def body(self, schema: Schema, leaf: Leaf, value: object, path: Path = ()) -> Any:
        """Return a body that fits, but for one field."""
        if path == leaf.path:
            return value
        schema = self.resolved(schema)
        ahead = leaf.path[: len(path)] == path
        match schema.get("type"):
            case "object":
                wanted = leaf.path[len(path)] if ahead else None
                return {
                    name: self.body(each, leaf, value, (*path, name))
                    for name, each in schema.get("properties", {}).items()
                    if name in schema.get("required", ()) or name == wanted
                }
            case "array":
                return [self.body(schema.get("items", {}), leaf, value, (*path, 0))]
            case _:
                return self.plain(schema, Leaf(path, schema).name)

    def plain(self, schema: Schema, name: str) -> object:
        """Return a value that fits a field."""
        chosen = schema.get("enum", [schema.get("const")])[0]
        if chosen is not None:
            return chosen
        now = datetime.now(UTC)
        ahead = timedelta(20 if name in {"until", "due_on", "last"} else 0)
        by_form: dict[str | None, object] = {
            "integer": schema.get("minimum", 1),
            "number": schema.get("minimum", 1),
            "boolean": False,
            "date": (now + ahead).date().isoformat(),
            "date-time": now.isoformat(),
            "time": "17:30",
        }
        form = schema.get("format", schema.get("type"))
        if form in by_form:
            return by_form[form]
        if name in self.known:
            return self.known[name]
        if schema.get("description") == "A UUID.":
            return new_id()
        return PLAIN.get(name, "es" if schema.get("maxLength") == LANGUAGE_TAG else "x" * 24)

    def operations(self) -> Iterator[Operation]:
        """Yield every operation."""
        for path, operations in self.document["paths"].items():
            for method, told in operations.items():
                yield Operation(method.upper(), path, told)
