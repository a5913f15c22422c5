"""Scans of signed papers: encrypted one by one, kept in GridFS.

Each file has a data key of its own (AES-256-GCM), which is sealed under the key of whom or what the
paper is about and kept with its record, never with the file: a file that no record names can be
read by nobody, and when the sealing key is destroyed the paper is unreadable in every copy of the
database.
"""

import asyncio
import base64
import contextlib
import os
from collections.abc import Callable
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from gridfs.asynchronous import AsyncGridFSBucket
from gridfs.errors import NoFile
from pymongo import AsyncMongoClient

from services.chassis.database import Document
from services.chassis.errors import EnlaceError, Kind, unknown
from services.chassis.ids import new_id
from services.chassis.privacy import KeyGoneError, Vault
from services.chassis.scan import Scan, ScanKind

BUCKET = "scans"
_KEY_BITS = 256
_NONCE_BYTES = 12


class Scans:
    """The signed papers of one service.

    Args:
        client: of the database server.
        database: the service's.
        vault: of the keys that papers are sealed under.
        gone: says that the key was destroyed.
    """

    def __init__(
        self,
        client: AsyncMongoClient[Document],
        database: str,
        vault: Vault,
        gone: Callable[[], EnlaceError],
    ) -> None:
        self._files = AsyncGridFSBucket(client[database], BUCKET)
        self._vault = vault
        self._gone = gone

    async def keep(
        self,
        owner: str,
        content: bytes,
        *,
        kind: ScanKind,
        fingerprint: str,
        at: datetime,
        by: str,
    ) -> Scan:
        """Encrypt and store a paper; returns what its record is to remember.

        Args:
            owner: whose key seals it.
            content: of the file.
            kind: what it is, as `kind_of` has found.
            fingerprint: keyed hash of the bytes.
            at: the moment.
            by: subject of who handed it in.

        Raises:
            EnlaceError: the owner's key was destroyed.
        """
        key = AESGCM.generate_key(_KEY_BITS)
        try:
            sealed = await self._vault.seal(owner, base64.b64encode(key).decode("ascii"))
        except KeyGoneError:
            raise self._gone() from None
        id = new_id()
        ciphertext = await asyncio.to_thread(_encrypt, key, content, id)
        await self._files.upload_from_stream_with_id(id, id, ciphertext)
        return Scan(
            id=id,
            kind=kind,
            size=len(content),
            key=sealed,
            fingerprint=fingerprint,
            stored_at=at,
            stored_by=by,
        )

    async def drop(self, scan: Scan) -> None:
        """Remove a file that no record names."""
        await self._files.delete(scan.id)

    async def remove(self, id: str) -> None:
        """Remove a file by its id; one that is gone already is as it should be."""
        with contextlib.suppress(NoFile):
            await self._files.delete(id)

    async def read(self, scan: Scan) -> bytes:
        """Return a paper as it was stored.

        Raises:
            EnlaceError: its key was destroyed, or the file is not what was stored.
        """
        try:
            key = base64.b64decode(await self._vault.open(scan.key))
        except KeyGoneError:
            raise self._gone() from None
        try:
            stream = await self._files.open_download_stream(scan.id)
            ciphertext = await stream.read()
        except NoFile:
            raise unknown("scan") from None
        try:
            return await asyncio.to_thread(_decrypt, key, ciphertext, scan.id)
        except InvalidTag:
            raise EnlaceError(
                "scan-damaged",
                Kind.UNAVAILABLE,
                "The stored file is not what was put in. Tell the operator; the signed paper is "
                "the proof.",
                es="El archivo guardado no es el que se entregó. Avise a quien opera el sistema; "
                "el papel firmado es la prueba.",
            ) from None


def _encrypt(key: bytes, content: bytes, id: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, id.encode("ascii"))


def _decrypt(key: bytes, stored: bytes, id: str) -> bytes:
    nonce, ciphertext = stored[:_NONCE_BYTES], stored[_NONCE_BYTES:]
    return AESGCM(key).decrypt(nonce, ciphertext, id.encode("ascii"))
