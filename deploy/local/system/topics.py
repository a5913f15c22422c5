"""The cell's topics in Kafka."""

import asyncio

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from contracts.topic import PARTITIONS, TOPICS

_KEPT_FOR_EVER = {"retention.ms": "-1", "cleanup.policy": "delete"}


async def drop_topics(bootstrap: str, cell: str) -> None:
    """Drop the cell's topics with all that they hold; returns once they are gone.

    Args:
        bootstrap: `host:port` of the broker.
        cell: the prefix of the names.

    Raises:
        KafkaError: the broker does not answer.
        RuntimeError: it refused.
        TimeoutError: they were still there after half a minute.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        ours = {f"{cell}.{each.name}" for each in TOPICS}
        # Each by its name: a broker's list may lack one that was made a moment ago.
        dropped = await admin.delete_topics(sorted(ours))
        for topic, code in dropped.topic_error_codes:
            if code not in (0, UnknownTopicOrPartitionError.errno):
                raise RuntimeError(f"Kafka did not drop the topic {topic}: {for_code(code)}")
        async with asyncio.timeout(30):
            while ours & set(await admin.list_topics()):  # noqa: ASYNC110 - the broker tells nobody
                await asyncio.sleep(0.1)
    finally:
        await admin.close()


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
