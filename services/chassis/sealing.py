"""Making keys and sealing values for many persons at once: two questions to the vault for hundreds.

One by one, a new person costs a round trip for the key, one for each value under it, and a cipher
object of their own. Here a group's keys are made in memory and written together, and one object
seals the group's values, outside the event loop. The counterpart of `services.chassis.opening`.
"""

import asyncio
from collections.abc import Mapping, Sequence

import bson
from bson import Binary
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError
from pymongocrypt.explicit_encrypter import (  # type: ignore[import-untyped] # it has no types
    ExplicitEncrypter,
)
from pymongocrypt.options import MongoCryptOptions  # type: ignore[import-untyped] # the same

from contracts.sealed import Sealed
from services.chassis.database import Collection, is_duplicate
from services.chassis.opening import GROUP, GivenKeys

RANDOM = "AEAD_AES_256_CBC_HMAC_SHA_512-Random"


class Sealer:
    """Makes keys and seals values in one vault. It remembers no key and no value."""

    def __init__(self, keys: Collection, root_key: bytes) -> None:
        raw = CodecOptions(document_class=RawBSONDocument)
        self._keys: AsyncCollection[RawBSONDocument] = keys.with_options(codec_options=raw)
        self._options = MongoCryptOptions({"local": {"key": root_key}})

    async def create_keys(self, persons: Sequence[str]) -> None:
        """Make a key for each person who has none.

        Raises:
            PyMongoError: the vault is away; a repeat makes those that are missing.
        """
        wanted = list(dict.fromkeys(persons))
        for start in range(0, len(wanted), GROUP):
            group = wanted[start : start + GROUP]
            there = await self._by_name(group)
            missing = [person for person in group if person not in there]
            if not missing:
                continue
            made = await asyncio.to_thread(_make, self._options, missing)
            try:
                await self._keys.insert_many(made, ordered=False)
            except BulkWriteError as error:
                # Somebody else made one of them meanwhile: a name has one key, theirs.
                if not is_duplicate(error):
                    raise

    async def seal(self, values: Sequence[tuple[str, str]]) -> list[Sealed | None]:
        """Seal texts, each under its person's key, in order; None where there is no key.

        Raises:
            PyMongoError: the vault is away; try again.
        """
        sealed: list[Sealed | None] = []
        for start in range(0, len(values), GROUP):
            group = values[start : start + GROUP]
            keys = await self._by_name([person for person, _ in group])
            sealed += await asyncio.to_thread(_seal, self._options, keys, group)
        return sealed

    async def _by_name(self, persons: Sequence[str]) -> dict[str, bytes]:
        found = self._keys.find({"keyAltNames": {"$in": list(dict.fromkeys(persons))}})
        return {name: bytes(key.raw) async for key in found for name in key["keyAltNames"]}


def _make(options: MongoCryptOptions, persons: Sequence[str]) -> list[RawBSONDocument]:
    keys = _MadeKeys()
    encrypter = ExplicitEncrypter(keys, options)
    try:
        for person in persons:
            encrypter.create_data_key("local", key_alt_names=[person])
    finally:
        encrypter.close()
    return [RawBSONDocument(key) for key in keys.made]


def _seal(
    options: MongoCryptOptions, keys: Mapping[str, bytes], values: Sequence[tuple[str, str]]
) -> list[Sealed | None]:
    ids = {name: bytes(RawBSONDocument(key)["_id"]) for name, key in keys.items()}
    encrypter = ExplicitEncrypter(GivenKeys(keys.values()), options)
    try:
        return [
            _one(encrypter, ids[person], text) if person in ids else None for person, text in values
        ]
    finally:
        encrypter.close()


def _one(encrypter: ExplicitEncrypter, key: bytes, text: str) -> Sealed:
    value = encrypter.encrypt(bson.encode({"v": text}), RANDOM, key_id=key)
    return Sealed.of(bytes(bson.decode(value)["v"]))


class _MadeKeys(GivenKeys):
    """Takes the keys that the library makes, too."""

    def __init__(self) -> None:
        super().__init__(())
        self.made: list[bytes] = []

    def insert_data_key(self, data_key: bytes) -> Binary:
        """Take a key that was made; it is written with the others of its group."""
        self.made.append(bytes(data_key))
        return Binary(bytes(RawBSONDocument(bytes(data_key))["_id"]), 4)
