"""The document against the rules of AsyncAPI 3.0 and of its Kafka binding 0.5.0.

Written from the specification's tables of fixed fields, since its own schema is somebody else's.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft7Validator, FormatChecker

from contracts.event import Event
from contracts.generate.asyncapi import asyncapi
from contracts.generate.catalogue import published
from contracts.topic import TOPICS

DOCUMENT = asyncapi()

FIXED_FIELDS = {
    "root": {
        *("asyncapi", "id", "info", "servers", "defaultContentType", "channels", "operations"),
        "components",
    },
    "info": {
        *("title", "version", "description", "termsOfService", "contact", "license", "tags"),
        "externalDocs",
    },
    "server": {
        *("host", "protocol", "protocolVersion", "pathname", "description", "title", "summary"),
        *("variables", "security", "tags", "externalDocs", "bindings"),
    },
    "channel": {
        *("address", "messages", "title", "summary", "description", "servers", "parameters"),
        *("tags", "externalDocs", "bindings"),
    },
    "operation": {
        *("action", "channel", "title", "summary", "description", "security", "tags"),
        *("externalDocs", "bindings", "traits", "messages", "reply"),
    },
    "message": {
        *("headers", "payload", "correlationId", "contentType", "name", "title", "summary"),
        *("description", "tags", "externalDocs", "bindings", "examples", "traits"),
    },
    "components": {
        *("schemas", "servers", "channels", "operations", "messages", "securitySchemes"),
        *("serverVariables", "parameters", "correlationIds", "replies", "replyAddresses"),
        *("externalDocs", "tags", "operationTraits", "messageTraits", "serverBindings"),
        *("channelBindings", "operationBindings", "messageBindings"),
    },
}

KAFKA_FIELDS = {
    "channel": {"topic", "partitions", "replicas", "topicConfiguration", "bindingVersion"},
    "operation": {"groupId", "clientId", "bindingVersion"},
    "message": {
        *("key", "schemaIdLocation", "schemaIdPayloadEncoding", "schemaLookupStrategy"),
        "bindingVersion",
    },
}

every_class = pytest.mark.parametrize("kind", published(), ids=lambda kind: kind.TYPE)


def known(kind: str, found: dict[str, Any]) -> None:
    """Fail where an object has a field that its table does not."""
    extra = {name for name in found if not name.startswith("x-")} - FIXED_FIELDS[kind]
    assert extra == set()


def references(value: Any) -> Iterator[str]:
    """Every reference below a place."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def at(reference: str) -> Any:
    """What a reference leads to."""
    found: Any = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return found


class TestDocument:
    def test_root(self) -> None:
        known("root", DOCUMENT)
        assert DOCUMENT["asyncapi"] == "3.0.0"
        assert re.fullmatch(r"urn:[a-z0-9][a-z0-9-]*:\S+", DOCUMENT["id"])

    def test_info(self) -> None:
        known("info", DOCUMENT["info"])
        assert {"title", "version"} <= DOCUMENT["info"].keys()
        assert DOCUMENT["info"]["license"].keys() <= {"name", "url"}

    def test_components(self) -> None:
        known("components", DOCUMENT["components"])
        for section in DOCUMENT["components"].values():
            for name in section:
                assert re.fullmatch(r"[a-zA-Z0-9.\-_]+", name)

    def test_server(self) -> None:
        for server in DOCUMENT["servers"].values():
            known("server", server)
            assert {"host", "protocol"} <= server.keys()
            assert set(re.findall(r"{(\w+)}", server["host"])) == server["variables"].keys()
            for variable in server["variables"].values():
                assert variable.keys() <= {"enum", "default", "description", "examples"}

    def test_every_reference_leads_somewhere(self) -> None:
        found = set(references(DOCUMENT))

        assert found
        for reference in found:
            assert at(reference) is not None

    def test_is_json(self) -> None:
        assert json.loads(json.dumps(DOCUMENT)) == DOCUMENT


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
class TestTopic:
    def test_has_a_channel_with_twelve_partitions(self, topic: Any) -> None:
        channel = DOCUMENT["channels"][topic.name]

        known("channel", channel)
        assert channel["address"] == f"{{cell}}.{topic.name}"
        assert channel["parameters"].keys() == {"cell"}
        assert channel["parameters"]["cell"].keys() <= {
            *("enum", "default", "description", "examples", "location"),
        }
        assert channel["bindings"].keys() == {"kafka"}
        assert channel["bindings"]["kafka"].keys() <= KAFKA_FIELDS["channel"]
        assert channel["bindings"]["kafka"]["partitions"] == 12
        assert channel["bindings"]["kafka"]["bindingVersion"] == "0.5.0"

    def test_tells_owner_and_key(self, topic: Any) -> None:
        description = DOCUMENT["channels"][topic.name]["description"]

        assert f"the {topic.owner} service" in description
        assert topic.key in description

    def test_has_one_operation_that_sends_all_of_its_messages(self, topic: Any) -> None:
        operations = [
            operation
            for operation in DOCUMENT["operations"].values()
            if operation["channel"] == {"$ref": f"#/channels/{topic.name}"}
        ]

        assert len(operations) == 1
        known("operation", operations[0])
        assert operations[0]["action"] == "send"
        assert operations[0]["bindings"]["kafka"].keys() <= KAFKA_FIELDS["operation"]
        # The specification: an operation's messages are references to its own channel's.
        assert [one["$ref"] for one in operations[0]["messages"]] == [
            f"#/channels/{topic.name}/messages/{name}"
            for name in DOCUMENT["channels"][topic.name]["messages"]
        ]


@every_class
class TestMessage:
    def test_stands_on_its_topic_alone(self, kind: type[Event]) -> None:
        reference = {"$ref": f"#/components/messages/{kind.__name__}"}
        channels = [
            name
            for name, channel in DOCUMENT["channels"].items()
            if reference in channel["messages"].values()
        ]

        assert channels == [kind.TOPIC.name]

    def test_keeps_to_its_table(self, kind: type[Event]) -> None:
        message = DOCUMENT["components"]["messages"][kind.__name__]

        known("message", message)
        assert message["name"] == kind.TYPE
        assert message["contentType"] == "application/json"
        assert message["bindings"]["kafka"].keys() <= KAFKA_FIELDS["message"]
        assert message["bindings"]["kafka"]["key"]["type"] == "string"
        for one in message["examples"]:
            assert one.keys() <= {"headers", "payload", "name", "summary"}

    def test_its_schemas_are_draft_7_and_take_the_example(self, kind: type[Event]) -> None:
        message = DOCUMENT["components"]["messages"][kind.__name__]
        components = {"components": DOCUMENT["components"]}  # what references point into

        for part in ("headers", "payload"):
            Draft7Validator.check_schema(message[part])
            validator = Draft7Validator(
                {**components, "allOf": [message[part]]}, format_checker=FormatChecker()
            )
            validator.validate(message["examples"][0][part])

    def test_headers_are_the_attributes_with_the_extensions(self, kind: type[Event]) -> None:
        common, own = DOCUMENT["components"]["messages"][kind.__name__]["headers"]["allOf"]

        assert set(at(common["$ref"])["properties"]) == {
            *("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time"),
            *("ce_dataschema", "ce_sequence", "ce_site", "ce_traceparent", "content-type"),
        }
        assert own["properties"]["ce_type"] == {"const": kind.TYPE}
        assert own["properties"]["ce_source"] == {"const": f"enlace/{kind.TOPIC.owner}"}


def test_schemas_use_nothing_that_draft_7_lacks() -> None:
    newer = {"$defs", "prefixItems", "unevaluatedProperties", "dependentRequired", "$dynamicRef"}

    for name, schema in DOCUMENT["components"]["schemas"].items():
        Draft7Validator.check_schema(schema)
        assert not [word for word in newer if f'"{word}"' in json.dumps(schema)], name


def test_a_reference_in_a_schema_stands_alone() -> None:
    """Draft 7 ignores what stands beside one."""

    def beside(value: Any) -> Iterator[Any]:
        if isinstance(value, dict):
            if "$ref" in value and len(value) > 1:
                yield value
            for one in value.values():
                yield from beside(one)
        elif isinstance(value, list):
            for one in value:
                yield from beside(one)

    assert list(beside(DOCUMENT)) == []
