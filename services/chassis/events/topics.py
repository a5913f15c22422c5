"""The cell's topics in Kafka: made by whoever prepares an installation, never by a client's use."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from contracts.topic import PARTITIONS, TOPICS, Topic

TOPIC_CONFIG = {"retention.ms": "-1", "cleanup.policy": "delete"}
"""Kept without limit of time, and never compacted: compaction could keep a stale copy."""


async def make_topics(
    bootstrap: str,
    cell: str,
    topics: Sequence[Topic] = TOPICS,
    *,
    replicas: int = 1,
    security: Mapping[str, Any] | None = None,
) -> list[str]:
    """Make the topics that are missing; return their full names.

    Args:
        bootstrap: `host:port` of the brokers, joined by commas.
        cell: the prefix of the names.
        topics: which.
        replicas: copies of each.
        security: how to prove itself, as `services.chassis.kafka.client_security` gives it.

    Raises:
        KafkaError: the broker refused, or does not answer.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, **(security or {}))
    await admin.start()
    try:
        there = set(await admin.list_topics())
        missing = [name for each in topics if (name := f"{cell}.{each.name}") not in there]
        if missing:
            made = await admin.create_topics(
                [
                    NewTopic(name, PARTITIONS, replicas, topic_configs=TOPIC_CONFIG)
                    for name in missing
                ]
            )
            for topic, code, *text in made.topic_errors:
                if code not in (0, TopicAlreadyExistsError.errno):
                    raise for_code(code)(f"Kafka refused the topic {topic}: {text}")
        return missing
    finally:
        await admin.close()
