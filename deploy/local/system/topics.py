"""Dropping the cell's topics, for a local system that is filled anew."""

import asyncio

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import UnknownTopicOrPartitionError, for_code

from contracts.topic import TOPICS


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
