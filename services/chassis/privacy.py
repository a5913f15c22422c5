"""Field encryption: one data key per person, so that erasing a person is destroying a key.

MongoDB client-side field level encryption, explicit, with random (not searchable) ciphertext. The
key vault is a database of its own; who makes keys may write it, who only reads may read it.
"""

import binascii
import contextlib
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from bson import Binary
from bson.codec_options import CodecOptions
from pydantic import BaseModel, ValidationError
from pymongo import AsyncMongoClient
from pymongo.asynchronous.encryption import AsyncClientEncryption
from pymongo.errors import DuplicateKeyError, EncryptionError

from contracts.sealed import Sealed
from services.chassis.database import Document, in_transaction, is_passing
from services.chassis.errors import EnlaceError, Kind
from services.chassis.opening import Opener
from services.chassis.sealing import RANDOM, Sealer

M = TypeVar("M", bound=BaseModel)

ROOT_KEY_BYTES = 96
_ENCRYPTED_SUBTYPE = 6
_KEY_CACHE_MS = 60_000
_MARK = "root-key"


class KeyGoneError(Exception):
    """The person's key was destroyed, or this service may not read it: the value is unreadable."""


class WrongRootKeyError(Exception):
    """The root key belongs to another installation; the text says what to do."""


class Vault:
    """Seals and opens values of persons whose keys live in one vault.

    Never use it inside a transaction: it reads and writes another database.
    """

    def __init__(self, client: AsyncMongoClient[Document], database: str, root_key: bytes) -> None:
        if len(root_key) != ROOT_KEY_BYTES:
            raise ValueError(f"the root key has {ROOT_KEY_BYTES} bytes, not {len(root_key)}")
        self._keys = client[database]["keys"]
        self._marks = client[database]["marks"]
        self._opener = Opener(self._keys, root_key)
        self._sealer = Sealer(self._keys, root_key)
        # Of 96 random bytes: it tells nothing about them.
        self._digest = hashlib.sha256(b"enlace root key" + root_key).hexdigest()
        self._crypt: AsyncClientEncryption[Document] = AsyncClientEncryption(
            kms_providers={"local": {"key": root_key}},
            key_vault_namespace=f"{database}.keys",
            key_vault_client=client,
            codec_options=CodecOptions(tz_aware=True),
            key_expiration_ms=_KEY_CACHE_MS,
        )

    async def prepare(self) -> None:
        """Make the vault ready for its first key; for the service that makes keys.

        Raises:
            WrongRootKeyError: the vault was made under another root key.
        """
        # One key a name, for ever.
        await self._keys.create_index(
            "keyAltNames", unique=True, partialFilterExpression={"keyAltNames": {"$exists": True}}
        )
        with contextlib.suppress(DuplicateKeyError):  # a second worker starts at the same moment
            await self._marks.update_one(
                {"_id": _MARK}, {"$setOnInsert": {"digest": self._digest}}, upsert=True
            )
        await self.check()

    async def check(self) -> None:
        """Make sure that our root key is the vault's: with another one, all would look erased.

        Raises:
            WrongRootKeyError: it is not.
        """
        mark = await self._marks.find_one({"_id": _MARK})
        if mark is not None and mark["digest"] != self._digest:
            raise WrongRootKeyError(
                f"The root key is not the one that {self._keys.database.name} was made with: "
                "nothing sealed could be read. Put this installation's own root key back, and "
                "start again. Nothing was changed."
            )

    async def create_key(self, person: str) -> None:
        """Make the person's key; a repeat does nothing."""
        _outside_transactions()
        try:
            await self._crypt.create_data_key("local", key_alt_names=[person])
        except (DuplicateKeyError, EncryptionError) as error:
            cause = error.cause if isinstance(error, EncryptionError) else error
            if not isinstance(cause, DuplicateKeyError):
                raise

    async def create_keys(self, persons: Sequence[str]) -> None:
        """Make the keys of many persons together; those that are there stay.

        Raises:
            PyMongoError: the vault is away; a repeat makes those that are missing.
        """
        _outside_transactions()
        await self._sealer.create_keys(persons)

    async def destroy_key(self, person: str) -> bool:
        """Destroy the person's key: everything under it is unreadable. False if there was none."""
        _outside_transactions()
        gone = await self._keys.delete_one({"keyAltNames": person})
        return gone.deleted_count == 1

    async def seal(self, person: str, value: BaseModel | str) -> Sealed:
        """Encrypt a text or a model's JSON under the person's key.

        Raises:
            KeyGoneError: the person has no key.
            PyMongoError: the vault is away; try again.
        """
        _outside_transactions()
        text = _text(value)
        try:
            ciphertext = await self._crypt.encrypt(
                text,
                RANDOM,
                key_alt_name=person,
            )
        except EncryptionError as error:
            _let_pass(error)
            raise KeyGoneError("no key to seal with") from error
        return Sealed.of(bytes(ciphertext))

    async def seal_many(self, values: Sequence[tuple[str, BaseModel | str]]) -> list[Sealed | None]:
        """Encrypt many values, each under its person's key; None where the person has no key.

        Raises:
            PyMongoError: the vault is away; try again.
        """
        _outside_transactions()
        return await self._sealer.seal([(person, _text(value)) for person, value in values])

    async def open(self, sealed: Sealed) -> str:
        """Decrypt a text.

        Raises:
            KeyGoneError: its key is gone, or was never this vault's.
            PyMongoError: the vault is away; try again.
        """
        _outside_transactions()
        try:
            value = await self._crypt.decrypt(Binary(sealed.ciphertext(), _ENCRYPTED_SUBTYPE))
        except (EncryptionError, binascii.Error) as error:
            _let_pass(error)
            raise KeyGoneError("the value cannot be opened") from error
        return str(value)

    async def open_as(self, kind: type[M], sealed: Sealed) -> M:
        """Decrypt a model.

        Raises:
            KeyGoneError: its key is gone.
            EnlaceError: what was sealed is no such model.
        """
        try:
            return kind.model_validate_json(await self.open(sealed))
        except ValidationError:
            raise EnlaceError(
                "sealed-malformed",
                Kind.UNAVAILABLE,
                "A protected record could not be read. Nothing was lost: tell the operator.",
                es="No se pudo leer un registro protegido. No se perdió nada: avise a quien opera "
                "el sistema.",
            ) from None

    async def open_if(self, sealed: Sealed | None) -> str | None:
        """Decrypt a text; None where there is none, or its key is gone.

        Raises:
            PyMongoError: the vault is away; try again.
        """
        if sealed is None:
            return None
        try:
            return await self.open(sealed)
        except KeyGoneError:
            return None

    async def open_as_if(self, kind: type[M], sealed: Sealed | None) -> M | None:
        """Decrypt a model; None where there is none, or its key is gone.

        Raises:
            EnlaceError: what was sealed is no such model.
            PyMongoError: the vault is away; try again.
        """
        if sealed is None:
            return None
        try:
            return await self.open_as(kind, sealed)
        except KeyGoneError:
            return None

    async def open_many(self, sealed: Sequence[Sealed]) -> list[str | None]:
        """Decrypt many texts together, in order; None where the key is gone.

        Keys are read anew each time, so that an erasure shows at once.

        Raises:
            PyMongoError: the vault is away; try again.
        """
        _outside_transactions()
        return await self._opener.open(sealed)

    async def having_keys(self, persons: Sequence[str]) -> set[str]:
        """Return those who have a key at this moment: all but the erased and the unknown.

        Raises:
            PyMongoError: the vault is away; try again.
        """
        _outside_transactions()
        found = self._keys.find({"keyAltNames": {"$in": list(persons)}}, {"keyAltNames": 1})
        return {str(name) async for key in found for name in key["keyAltNames"]}

    async def close(self) -> None:
        """Let the library's memory go."""
        await self._crypt.close()


def _text(value: BaseModel | str) -> str:
    return value if isinstance(value, str) else value.model_dump_json(exclude_none=True)


def _outside_transactions() -> None:
    """Refuse work inside a transaction.

    The server refuses to make a key there; and a key that was read there would be that of the
    transaction's snapshot, though it was destroyed since.

    Raises:
        RuntimeError: a transaction is open.
    """
    if in_transaction():
        raise RuntimeError("open and seal before the transaction: the vault is another database")


def _let_pass(error: Exception) -> None:
    """Raise what lies behind an error where waiting can cure it.

    A vault that is away must never be taken for a person who was erased.
    """
    if isinstance(error, EncryptionError) and is_passing(error):
        raise error.cause from None


def read_root_key(keys_dir: Path) -> bytes:
    """Read the root key of a local installation; elsewhere a KMS unwraps it at start-up.

    Raises:
        FileNotFoundError: there is none.
    """
    return (keys_dir / "root.key").read_bytes()
