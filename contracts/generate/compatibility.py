"""What would break a reader: the classes against the baseline of the last release.

Both ways count. Topics are kept for ever, so today's classes must read yesterday's records; and a
partner's program of yesterday must read today's. What is left is to add: an optional field, a type,
a code.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.generate.catalogue import published, release
from contracts.generate.schemas import Schema, closed_schema
from contracts.generate.shape import Shape
from contracts.topic import PARTITIONS, TOPICS

Baseline = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Break:
    """One change that a reader would stumble over.

    Attributes:
        topic: name of the topic.
        type: type name of the message; None where the topic itself has changed.
        field: path in the body, as `candidates[].service`; None where the whole message is meant.
        what: what has changed.
        remedy: what to do instead.
    """

    topic: str
    type: str | None
    field: str | None
    what: str
    remedy: str

    def __str__(self) -> str:
        """One line for a person."""
        place = f"topic {self.topic}"
        if self.type is not None:
            place += f", {self.type}"
        if self.field is not None:
            place += f", field {self.field}"
        return f"{place}: {self.what}. {self.remedy}"


def baseline() -> Baseline:
    """Return the present classes in the form that a release is remembered by."""
    return {
        "release": release(),
        "topics": {
            topic.name: {
                "owner": topic.owner,
                "key": list(topic.key_fields),
                "partitions": PARTITIONS,
            }
            for topic in TOPICS
        },
        "types": {
            kind.TYPE: {"topic": kind.TOPIC.name, "schema": _wordless(closed_schema(kind))}
            for kind in published()
        },
    }


def last_baseline(folder: Path) -> Baseline | None:
    """Return the newest committed baseline, or None before the first release."""
    files = sorted(folder.glob("v*.json"), key=_version)
    if not files:
        return None
    found: Baseline = json.loads(files[-1].read_text(encoding="utf-8"))
    return found


def _version(file: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in file.stem.removeprefix("v").split("."))


def breaks(old: Baseline, new: Baseline) -> list[Break]:
    """Return what a reader of `old` or a record of `old` would not survive, by topic and type."""
    return [*_topic_breaks(old["topics"], new["topics"]), *_type_breaks(old["types"], new["types"])]


def _topic_breaks(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Break]:
    for name, before in old.items():
        after = new.get(name)
        if after is None:
            remedy = "Put it back: its records stay, and so do its readers."
            yield Break(name, None, None, "the topic was removed", remedy)
            continue
        if before["key"] != after["key"]:
            what = f"the key changed from {_words(before['key'])} to {_words(after['key'])}"
            remedy = "Put it back: order is kept per key. Another key needs another topic."
            yield Break(name, None, None, what, remedy)
        if before["partitions"] != after["partitions"]:
            what = f"partitions changed from {before['partitions']} to {after['partitions']}"
            remedy = "Put them back: a key must never move to another partition."
            yield Break(name, None, None, what, remedy)
        if before["owner"] != after["owner"]:
            what = f"the owner changed from {before['owner']} to {after['owner']}"
            remedy = "Put it back: only one service may number a topic's events."
            yield Break(name, None, None, what, remedy)


def _words(names: list[str]) -> str:
    return "@".join(names)


def _type_breaks(old: dict[str, Any], new: dict[str, Any]) -> Iterator[Break]:
    for name, before in old.items():
        topic, after = before["topic"], new.get(name)
        if after is None:
            yield Break(
                topic,
                name,
                None,
                "the type was removed",
                f"Put the class back, since its records stay for ever. {_successor(name)}",
            )
        elif after["topic"] != topic:
            what = f"the type moved to topic {after['topic']}"
            yield Break(topic, name, None, what, f"Put it back. {_successor(name)}")
        else:
            old_schema, new_schema = before["schema"], after["schema"]
            found = _Comparison(topic, name).between(
                Shape.of(old_schema, old_schema), Shape.of(new_schema, new_schema), ""
            )
            yield from found


def _successor(name: str) -> str:
    stem, _, version = name.rpartition(".v")
    return (
        f"A new form is a class of type {stem}.v{int(version) + 1} beside it, with an upcast from "
        f".v{version}."
    )


class _Comparison:
    """Two forms of one message, compared place by place."""

    def __init__(self, topic: str, type_name: str) -> None:
        self._topic = topic
        self._type = type_name
        self._open: set[tuple[str, str]] = set()  # a part may hold parts of its own kind

    def _break(self, path: str, what: str, remedy: str) -> Break:
        return Break(self._topic, self._type, path or None, what, remedy)

    def _changed(self, path: str, what: str) -> Break:
        return self._break(path, what, f"Put it back. {_successor(self._type)}")

    def between(self, old: Shape, new: Shape, path: str) -> Iterator[Break]:
        """Yield every break at one place and below."""
        place = (json.dumps(old.own, sort_keys=True), json.dumps(new.own, sort_keys=True))
        if place not in self._open:
            self._open.add(place)
            yield from self._here(old, new, path)
            self._open.discard(place)

    def _here(self, old: Shape, new: Shape, path: str) -> Iterator[Break]:
        if old.nullable and not new.nullable:
            yield self._changed(path, "it could be null and no longer can")
        if new.nullable and not old.nullable:
            yield self._changed(path, "it could not be null and now can")
        if old.type != new.type:
            yield self._changed(path, f"its type changed from {old.type} to {new.type}")
            return
        if old.format != new.format:
            what = f"its format changed from {old.format or 'none'} to {new.format or 'none'}"
            yield self._changed(path, what)
        yield from self._codes(old, new, path)
        yield from self._limits(old, new, path)
        yield from self._choices(old, new, path)
        yield from self._fields(old, new, path)
        yield from self._inner(old, new, path)

    def _codes(self, old: Shape, new: Shape, path: str) -> Iterator[Break]:
        if old.codes is None and new.codes is None:
            return
        if old.codes is None:
            yield self._changed(path, "it took any value and now takes listed codes only")
        elif new.codes is None:
            yield self._changed(path, "it took listed codes only and now takes any value")
        else:
            for code in old.codes:
                if code not in new.codes:
                    remedy = "Put it back: a code that is no longer used stays listed."
                    yield self._break(path, f"the code {code!r} was removed", remedy)
            if old.codes_may_grow != new.codes_may_grow:
                yield self._changed(path, "whether its codes may grow has changed")
            elif not old.codes_may_grow:
                for code in new.codes:
                    if code not in old.codes:
                        what = f"the code {code!r} was added to a list that may not grow"
                        yield self._changed(path, what)

    def _limits(self, old: Shape, new: Shape, path: str) -> Iterator[Break]:
        for name in sorted(old.limits.keys() | new.limits.keys()):
            before, after = old.limits.get(name, "none"), new.limits.get(name, "none")
            if before != after:
                yield self._changed(path, f"its {name} changed from {before} to {after}")

    def _choices(self, old: Shape, new: Shape, path: str) -> Iterator[Break]:
        """Alternatives have no order: each needs one on the other side that is its like."""
        unmatched = new.choices
        for before in old.choices:
            like = next((after for after in unmatched if self._alike(before, after)), None)
            if like is None:
                yield self._changed(path, f"an alternative ({before.type}) was removed or changed")
            else:
                unmatched.remove(like)
        for after in unmatched:
            yield self._changed(path, f"an alternative ({after.type}) was added or changed")

    def _alike(self, old: Shape, new: Shape) -> bool:
        return not list(_Comparison(self._topic, self._type).between(old, new, ""))

    def _fields(self, old: Shape, new: Shape, path: str) -> Iterator[Break]:
        for name, schema in old.fields.items():
            place = f"{path}.{name}" if path else name
            if name not in new.fields:
                yield self._changed(place, "it was removed")
                continue
            if name in new.required - old.required:
                yield self._changed(place, "it was optional and is now required")
            if name in old.required - new.required:
                yield self._changed(place, "it was always there and is now optional")
            yield from self._default(schema, new.fields[name], place)
            yield from self.between(
                Shape.of(schema, old.root), Shape.of(new.fields[name], new.root), place
            )
        for name in new.required - old.fields.keys():
            place = f"{path}.{name}" if path else name
            what = "it is new and required, and older records lack it"
            yield self._break(place, what, f"Give it a default. {_successor(self._type)}")

    def _default(self, old: Schema, new: Schema, path: str) -> Iterator[Break]:
        if "default" in old and "default" in new and old["default"] != new["default"]:
            what = f"what its absence means changed from {old['default']!r} to {new['default']!r}"
            yield self._changed(path, what)

    def _inner(self, old: Shape, new: Shape, path: str) -> Iterator[Break]:
        before, after = dict(old.inner), dict(new.inner)
        for mark in sorted(before.keys() | after.keys()):
            if mark not in before or mark not in after:
                yield self._changed(path + mark, "what it holds was stated on one side only")
            else:
                yield from self.between(
                    Shape.of(before[mark], old.root), Shape.of(after[mark], new.root), path + mark
                )


def _wordless(schema: Any) -> Any:
    """Leave out titles and descriptions: better words are no change of contract."""
    if isinstance(schema, list):
        return [_wordless(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: {key: _wordless(one) for key, one in value.items()}
        if name in ("properties", "$defs")
        else _wordless(value)
        for name, value in schema.items()
        if name not in ("title", "description")
    }
