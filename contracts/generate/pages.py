"""A page per topic for the engineers of partner agencies, and the page that leads to them."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from string import Template
from typing import Any

from contracts.event import Event
from contracts.generate.asyncapi import key_description
from contracts.generate.catalogue import by_topic, told
from contracts.generate.envelope import HEADERS, OPTIONAL
from contracts.generate.examples import example, example_headers
from contracts.generate.schemas import KNOWN_VALUES, Schema, open_schema
from contracts.generate.shape import Shape
from contracts.topic import PARTITIONS, Topic

NOTICE = "<!-- Written by `python -m contracts.generate` from the classes in `contracts/`. -->"


def pages() -> dict[str, str]:
    """Return the text of each page by its file name."""
    made = {f"{topic.name}.md": _topic_page(topic, kinds) for topic, kinds in by_topic()}
    return {"README.md": _front_page(), **made}


def _front_page() -> str:
    frame = Path(__file__).with_name("front_page.md").read_text(encoding="utf-8")
    topics = _table(
        ("Topic", "Key", "Owner", "What"),
        [
            (f"[`{topic.name}`]({topic.name}.md)", topic.key, topic.owner, topic.summary)
            for topic, _ in by_topic()
        ],
    )
    headers = _table(
        ("Header", "Always", "Meaning"),
        [
            (f"`{name}`", "no" if name in OPTIONAL else "yes", described["description"])
            for name, described in HEADERS.items()
        ],
    )
    return Template(frame).substitute(
        notice=NOTICE, topics=topics, headers=headers, partitions=PARTITIONS
    )


def _topic_page(topic: Topic, kinds: list[type[Event]]) -> str:
    facts = [
        ("Topic", f"`<cell>.{topic.name}`; `<cell>` is the district's installation"),
        ("Key", key_description(topic)),
        ("Order", "kept per key; `ce_sequence` counts 1, 2, 3 … without a gap"),
        ("Partitions", f"{PARTITIONS}, for ever"),
        ("Owner", f"the {topic.owner} service; nobody else writes here"),
    ]
    if topic.restricted:
        facts.append(("Restricted", "carries personal data, in encrypted fields only"))
    parts = [
        NOTICE,
        f"# `{topic.name}`",
        topic.summary,
        _table(("", ""), facts),
        "How to read any topic: [README](README.md).",
        "## Messages",
        _table(
            ("Type", "Means"),
            [(f"[`{kind.TYPE}`](#{kind.__name__.lower()})", told(kind).summary) for kind in kinds],
        ),
        *(part for kind in kinds for part in _message(kind)),
        *_codes(kinds),
    ]
    return "\n\n".join(parts) + "\n"


def _message(kind: type[Event]) -> Iterator[str]:
    schema = open_schema(kind)
    event = example(kind)
    yield f"## {kind.__name__}"
    yield f"`{kind.TYPE}` · [JSON Schema](../../contracts/schemas/{kind.TYPE}.json)"
    yield told(kind).text
    yield _table(
        ("Field", "Type", "Always", "Meaning"),
        list(_fields(Shape.of(schema, schema), "")),
    )
    yield "Example headers:"
    yield _json(example_headers(event))
    yield f"Record key `{event.key}`, and value:"
    yield _json(event.model_dump(mode="json", exclude_none=True))


def _fields(shape: Shape, path: str) -> Iterator[tuple[str, str, str, str]]:
    for name, schema in shape.fields.items():
        inner, place = Shape.of(schema, shape.root), f"{path}{name}"
        always = "yes" if name in shape.required else "no"
        yield f"`{place}`", _type(inner), always, schema["description"]
        for mark, item in inner.inner:
            inner, place = Shape.of(item, shape.root), place + mark
        if inner.fields:
            yield from _fields(inner, f"{place}.")


def _type(shape: Shape) -> str:
    if KNOWN_VALUES in shape.own:
        title = shape.own["title"]
        return f"[{title}](#{title.lower()})"
    for mark, schema in shape.inner:
        if mark == "[]":
            return f"list of {_type(Shape.of(schema, shape.root))}"
    if shape.own.get("contentEncoding") == "base64":
        return "encrypted, base64"
    return {"date": "date", "date-time": "time with zone"}.get(shape.format or "", shape.type)


def _codes(kinds: list[type[Event]]) -> Iterator[str]:
    lists: dict[str, Schema] = {}
    for kind in kinds:
        parts = open_schema(kind).get("$defs", {})
        lists |= {name: schema for name, schema in parts.items() if KNOWN_VALUES in schema}
    if lists:
        yield "## Codes"
        yield (
            "The codes of this release. A later one may add some: take a code that you do not know "
            "as *other*, and keep its text."
        )
    for name, schema in sorted(lists.items()):
        yield f"### {name}"
        yield schema["description"]
        yield ", ".join(f"`{code}`" for code in schema[KNOWN_VALUES])


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _json(value: Any) -> str:
    return f"```json\n{json.dumps(value, indent=2, ensure_ascii=False)}\n```"
