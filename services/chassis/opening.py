"""Opening many sealed values at once: one question to the key vault for hundreds of persons.

One by one, each value of another person costs a round trip to the vault. Here the keys of a group
are fetched together, and the library decrypts the group as one document, outside the event loop.
"""

import asyncio
import binascii
from collections.abc import Iterable, Iterator, Mapping, Sequence

import bson
from bson import Binary
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.asynchronous.collection import AsyncCollection
from pymongocrypt.auto_encrypter import (  # type: ignore[import-untyped] # it publishes no types
    AutoEncrypter,
)
from pymongocrypt.errors import MongoCryptError  # type: ignore[import-untyped] # the same
from pymongocrypt.options import MongoCryptOptions  # type: ignore[import-untyped] # the same
from pymongocrypt.state_machine import (  # type: ignore[import-untyped] # the same
    MongoCryptCallback,
)

from contracts.sealed import Sealed
from services.chassis.database import Collection

GROUP = 250
"""Values a group: the library looks each key up in a list, so that larger groups are slower."""

_ENCRYPTED_SUBTYPE = 6
_KEY_ID = slice(1, 17)
"""Where a ciphertext names its key (MongoDB's client-side encryption, BSON subtype 6)."""


class Opener:
    """Opens groups of values whose keys live in one vault. It remembers no key and no value."""

    def __init__(self, keys: Collection, root_key: bytes) -> None:
        raw = CodecOptions(document_class=RawBSONDocument)
        self._keys: AsyncCollection[RawBSONDocument] = keys.with_options(codec_options=raw)
        self._options = MongoCryptOptions({"local": {"key": root_key}}, bypass_encryption=True)

    async def open(self, sealed: Sequence[Sealed]) -> list[str | None]:
        """Return each value's text, in order; None where the key is gone or the value is none.

        Raises:
            PyMongoError: the vault is away; try again.
        """
        texts: list[str | None] = []
        for start in range(0, len(sealed), GROUP):
            texts += await self._group(sealed[start : start + GROUP])
        return texts

    async def _group(self, sealed: Sequence[Sealed]) -> list[str | None]:
        ciphertexts = {str(place): _bytes(each) for place, each in enumerate(sealed)}
        names = {place: each[_KEY_ID] for place, each in ciphertexts.items()}
        wanted = [Binary(name, 4) for name in set(names.values()) if len(name) == 16]  # noqa: PLR2004 - of a UUID
        found = self._keys.find({"_id": {"$in": wanted}})
        keys = {bytes(key["_id"]): bytes(key.raw) async for key in found}
        there = {
            place: Binary(each, _ENCRYPTED_SUBTYPE)
            for place, each in ciphertexts.items()
            if names[place] in keys
        }
        texts = await asyncio.to_thread(_decrypt, self._options, list(keys.values()), there)
        return [texts.get(str(place)) for place in range(len(sealed))]


def _bytes(sealed: Sealed) -> bytes:
    try:
        return sealed.ciphertext()
    except binascii.Error:
        return b""


def _decrypt(
    options: MongoCryptOptions, keys: list[bytes], values: Mapping[str, Binary]
) -> dict[str, str]:
    """Decrypt a group; where one spoils it, each by itself, so that the others are not lost."""
    if not values:
        return {}
    encrypter = AutoEncrypter(GivenKeys(keys), options)
    try:
        try:
            return _texts(encrypter, values)
        except MongoCryptError:
            texts: dict[str, str] = {}
            for place, value in values.items():
                try:
                    texts |= _texts(encrypter, {place: value})
                except MongoCryptError:
                    continue
            return texts
    finally:
        encrypter.close()


def _texts(encrypter: AutoEncrypter, values: Mapping[str, Binary]) -> dict[str, str]:
    opened = bson.decode(encrypter.decrypt(bson.encode(values)))
    return {place: str(value) for place, value in opened.items()}


class GivenKeys(MongoCryptCallback):  # type: ignore[misc] # its base has no types
    """Gives the library the keys that were fetched; it never asks for anything else here."""

    def __init__(self, keys: Iterable[bytes]) -> None:
        self._keys = {bytes(RawBSONDocument(key)["_id"]): key for key in keys}

    def fetch_keys(self, filter: bytes) -> Iterator[bytes]:  # noqa: A002 - the library's name
        """Yield the keys asked for."""
        for wanted in bson.decode(filter)["$or"][0]["_id"]["$in"]:
            yield self._keys[bytes(wanted)]

    def bson_encode(self, doc: Mapping[str, object]) -> bytes:
        """Encode a document."""
        return bson.encode(doc)

    def kms_request(self, kms_context: object) -> None:
        """Refuse: a local root key needs no request."""
        raise NotImplementedError

    def collection_info(self, database: str, filter: bytes) -> bytes:  # noqa: A002 - the same
        """Refuse: nothing is encrypted by a schema here."""
        raise NotImplementedError

    def mark_command(self, database: str, cmd: bytes) -> bytes:
        """Refuse: nothing is encrypted by a schema here."""
        raise NotImplementedError

    def insert_data_key(self, data_key: bytes) -> bytes:
        """Refuse: no key is made here."""
        raise NotImplementedError

    def close(self) -> None:
        """Hold nothing back."""
