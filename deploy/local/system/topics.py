"""The cell's topics in Kafka."""

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError

from contracts.topic import PARTITIONS, TOPICS

_KEPT_FOR_EVER = {"retention.ms": "-1", "cleanup.policy": "delete"}


async def make_topics(bootstrap: str, cell: str) -> list[str]:
    """Make the topics that are missing; return their full names.

    Args:
        bootstrap: `host:port` of the broker.
        cell: the prefix of the names.

    Raises:
        KafkaError: the broker refused.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        there = set(await admin.list_topics())
        missing = [name for each in TOPICS if (name := f"{cell}.{each.name}") not in there]
        if missing:
            made = await admin.create_topics(
                [NewTopic(name, PARTITIONS, 1, topic_configs=_KEPT_FOR_EVER) for name in missing]
            )
            for topic, code, *text in made.topic_errors:
                if code not in (0, TopicAlreadyExistsError.errno):
                    raise RuntimeError(f"Kafka refused the topic {topic}: {code} {text}")
        return missing
    finally:
        await admin.close()
