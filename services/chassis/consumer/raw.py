"""Takes batches from FastStream as they came: neither read nor acknowledged by it."""

from aiokafka import ConsumerRecord, TopicPartition
from faststream.kafka import KafkaMessage

Batch = tuple[ConsumerRecord, ...]


async def keep_raw(message: Batch) -> KafkaMessage:
    """Wrap a batch without reading it: FastStream's own parser fails on a header not in UTF-8."""
    return KafkaMessage(body=b"", raw_message=message, consumer=_NeverCommits())


async def records_of(message: KafkaMessage) -> Batch:
    """Hand on the records; they are read one by one, where none can stop another."""
    raw: Batch = message.raw_message
    return raw


class _NeverCommits:
    """Stands where FastStream would acknowledge: progress is ours alone."""

    async def commit(self) -> None:
        """Do nothing."""

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Do nothing."""
