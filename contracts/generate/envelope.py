"""The envelope as a schema: the record headers of CloudEvents 1.0 in Kafka binary mode."""

from typing import Any

from contracts.cloudevents import CONTENT_TYPE, SCHEMA_BASE, SPEC_VERSION
from contracts.event import Event

HEADERS: dict[str, dict[str, Any]] = {
    "ce_specversion": {
        "type": "string",
        "const": SPEC_VERSION,
        "description": "Version of CloudEvents.",
    },
    "ce_id": {
        "type": "string",
        "format": "uuid",
        "description": "UUIDv7; the same for every delivery of one event.",
    },
    "ce_source": {
        "type": "string",
        "format": "uri-reference",
        "description": "Who says so, as `enlace/<service>`.",
    },
    "ce_type": {
        "type": "string",
        "description": "The type name, by which to choose what reads the value.",
    },
    "ce_subject": {"type": "string", "minLength": 1, "description": "The same as the record key."},
    "ce_time": {
        "type": "string",
        "format": "date-time",
        "description": "When it happened, as RFC 3339 with zone.",
    },
    "ce_dataschema": {
        "type": "string",
        "format": "uri",
        "description": "Address of the JSON Schema of the value.",
    },
    "ce_sequence": {
        "type": "string",
        "pattern": "^[1-9][0-9]{0,17}$",
        "description": "1, 2, 3 … without a gap among the events of one topic and key.",
    },
    "ce_site": {
        "type": "string",
        "minLength": 1,
        "description": "Id of the school; absent where the event belongs to no one school.",
    },
    "ce_traceparent": {
        "type": "string",
        "pattern": "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$",
        "description": "W3C trace context of the change, where it was traced.",
    },
    "content-type": {
        "type": "string",
        "const": CONTENT_TYPE,
        "description": "Media type of the value.",
    },
}
OPTIONAL = frozenset({"ce_site", "ce_traceparent"})


def headers_schema() -> dict[str, Any]:
    """Return the schema that every record's headers keep to. Other headers may stand beside."""
    return {
        "type": "object",
        "description": "CloudEvents 1.0 in Kafka binary mode. Values are UTF-8.",
        "properties": HEADERS,
        "required": [name for name in HEADERS if name not in OPTIONAL],
    }


def headers_of(kind: type[Event]) -> dict[str, Any]:
    """Return what is the same in the headers of every message of a class."""
    return {
        "type": "object",
        "properties": {
            "ce_source": {"const": f"enlace/{kind.TOPIC.owner}"},
            "ce_type": {"const": kind.TYPE},
            "ce_dataschema": {"const": f"{SCHEMA_BASE}{kind.TYPE}.json"},
        },
    }
