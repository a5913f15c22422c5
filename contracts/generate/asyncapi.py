"""The AsyncAPI 3.0 document: every topic with its key, and every message with its envelope.

Seen from Enlace: each operation *sends*. A partner's program *receives* from the same channels.
"""

import re
from typing import Any

from contracts.cloudevents import CONTENT_TYPE
from contracts.event import Event
from contracts.generate.catalogue import by_topic, published, release, told
from contracts.generate.envelope import headers_of, headers_schema
from contracts.generate.examples import example, example_headers
from contracts.generate.schemas import shared_schemas
from contracts.topic import PARTITIONS, Topic

_BINDING = "0.5.0"
_HEADERS = "CloudEventHeaders"


def asyncapi() -> dict[str, Any]:
    """Return the document."""
    return {
        "asyncapi": "3.0.0",
        "id": "urn:org:enlace",
        "info": {
            "title": "Enlace events",
            "version": f"{release()}.0",
            "description": "Every step of a referral between community schools and partner "
            "agencies, as an event. Delivery is at least once, in order per key; "
            "`docs/events/README.md` tells how to read it.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {
            "district": {
                "host": "{broker}",
                "protocol": "kafka-secure",
                "description": "The Kafka of one district's installation.",
                "variables": {
                    "broker": {
                        "description": "Host and port, from the district.",
                        "examples": ["kafka.district.example:9093"],
                    }
                },
            }
        },
        "channels": {topic.name: _channel(topic, kinds) for topic, kinds in by_topic()},
        "operations": {
            f"send-{topic.name}": _operation(topic, kinds) for topic, kinds in by_topic()
        },
        "components": {
            "messages": {kind.__name__: _message(kind) for kind in published()},
            "schemas": {_HEADERS: headers_schema(), **shared_schemas(published())},
        },
    }


def key_description(topic: Topic) -> str:
    """Say what a topic's record key is, as `referral id (referral)`."""
    return f"{topic.key[0].upper()}{topic.key[1:]}. Field{'s' * (len(topic.key_fields) > 1)}: " + (
        " @ ".join(topic.key_fields)
    )


def _channel(topic: Topic, kinds: list[type[Event]]) -> dict[str, Any]:
    return {
        "address": f"{{cell}}.{topic.name}",
        "title": topic.name,
        "summary": topic.summary,
        "description": f"Written by the {topic.owner} service alone. Record key: {topic.key}; "
        "order is kept per key.",
        "parameters": {
            "cell": {"description": "The district's installation.", "default": "enlace"}
        },
        "messages": {
            kind.__name__: {"$ref": f"#/components/messages/{kind.__name__}"} for kind in kinds
        },
        "bindings": {"kafka": {"partitions": PARTITIONS, "bindingVersion": _BINDING}},
    }


def _operation(topic: Topic, kinds: list[type[Event]]) -> dict[str, Any]:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{topic.name}"},
        "title": f"Events on {topic.name}",
        "summary": f"The {topic.owner} service tells: {topic.summary[0].lower()}"
        f"{topic.summary[1:]}",
        "messages": [
            {"$ref": f"#/channels/{topic.name}/messages/{kind.__name__}"} for kind in kinds
        ],
        "bindings": {"kafka": {"bindingVersion": _BINDING}},
    }


def _message(kind: type[Event]) -> dict[str, Any]:
    event = example(kind)
    return {
        "name": kind.TYPE,
        "title": re.sub(r"(?<!^)(?=[A-Z])", " ", kind.__name__).capitalize(),
        "summary": told(kind).summary,
        "contentType": CONTENT_TYPE,
        "headers": {
            "allOf": [{"$ref": f"#/components/schemas/{_HEADERS}"}, headers_of(kind)],
        },
        "payload": {"$ref": f"#/components/schemas/{kind.__name__}"},
        "bindings": {
            "kafka": {
                "key": {
                    "type": "string",
                    "description": key_description(kind.TOPIC),
                    "examples": [event.key],
                },
                "bindingVersion": _BINDING,
            }
        },
        "examples": [
            {
                "name": kind.__name__,
                "headers": example_headers(event),
                "payload": event.model_dump(mode="json", exclude_none=True),
            }
        ],
    }
