"""A dump of all that a running system keeps, opened by every key that is still there."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from bson import Binary
from pymongo import AsyncMongoClient

from contracts.sealed import Sealed
from contracts.topic import PARTITIONS, TOPICS
from services.chassis.opening import Opener

_SEALED = re.compile(r"[A-Za-z0-9+/]{80,}={0,2}")
"""Long enough for ciphertext: a header of 18 bytes, an initial vector and a block at the least."""

_GROUP = 500


@dataclass(frozen=True, slots=True)
class Piece:
    """Something that was kept: where, and its text."""

    where: str
    text: str


class Dump:
    """Reads everything of a cell.

    Args:
        mongo: connected as the administrator.
        kafka: `host:port` of the broker.
        cell: prefix of databases and topics.
        root_key: of the vaults.
    """

    def __init__(
        self, mongo: AsyncMongoClient[dict[str, Any]], kafka: str, cell: str, root_key: bytes
    ) -> None:
        self._mongo = mongo
        self._kafka = kafka
        self._cell = cell
        self._root_key = root_key

    async def pieces(self) -> list[Piece]:
        """Return every text in every database and topic, and what every key opens of it."""
        found = [each async for each in self._databases()]
        found += [each async for each in self._topics()]
        return found + await self._opened(found)

    async def _databases(self) -> AsyncIterator[Piece]:
        for name in await self._mongo.list_database_names():
            if not name.startswith(f"{self._cell}_"):
                continue
            for collection in await self._mongo[name].list_collection_names():
                async for document in self._mongo[name][collection].find():
                    for text in _texts(document):
                        yield Piece(f"{name}.{collection}", text)

    async def _topics(self) -> AsyncIterator[Piece]:
        consumer = AIOKafkaConsumer(bootstrap_servers=self._kafka, enable_auto_commit=False)
        await consumer.start()
        try:
            places = [
                TopicPartition(f"{self._cell}.{topic.name}", number)
                for topic in TOPICS
                for number in range(PARTITIONS)
            ]
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            ends = await consumer.end_offsets(places)
            while any([await consumer.position(each) < ends[each] for each in places]):
                batch = await consumer.getmany(timeout_ms=1_000)
                for place, records in batch.items():
                    for record in records:
                        raw = [record.key, record.value, *(value for _, value in record.headers)]
                        for each in raw:
                            yield Piece(place.topic, (each or b"").decode("utf-8", "replace"))
        finally:
            await consumer.stop()

    async def _opened(self, found: Sequence[Piece]) -> list[Piece]:
        """Open whatever looks sealed with every key of every vault."""
        sealed = sorted({text for each in found for text in _SEALED.findall(each.text)})
        opened: list[Piece] = []
        for vault in await self._mongo.list_database_names():
            if not vault.startswith(f"{self._cell}_keys_"):
                continue
            opener = Opener(self._mongo[vault]["keys"], self._root_key)
            for start in range(0, len(sealed), _GROUP):
                group = [Sealed(each) for each in sealed[start : start + _GROUP]]
                texts = await opener.open(group)
                opened += [Piece(f"opened by {vault}", text) for text in texts if text is not None]
        return opened


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Binary() | bytes():
            yield bytes(value).decode("utf-8", "replace")
        case dict():
            for name, item in value.items():
                yield str(name)
                yield from _texts(item)
        case list() | tuple():
            for item in value:
                yield from _texts(item)
        case _:
            yield str(value)


def traces(pieces: Iterable[Piece], words: Sequence[str]) -> set[tuple[str, str]]:
    """Return where which of these words is found."""
    return {
        (each.where, word) for each in pieces for word in words if word.lower() in each.text.lower()
    }


async def at_last(look: Any, seconds: float = 60) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(seconds):
        while not await look():  # noqa: ASYNC110 - another process changes it
            await asyncio.sleep(0.5)
