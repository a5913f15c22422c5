"""Seals the ids of services and agencies in events (`contracts.provider`).

AES-SIV (RFC 5297) under one key of the installation, with the event's key as associated data: the
same id in the same referral gives the same text, so that a change written twice is the same, and in
another referral gives another, so that nobody can tell that two families were sent to one place.
"""

import base64
import binascii
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from contracts.provider import SEALED_MARK

PROVIDER_KEY_BYTES = 64
"""AES-256-SIV takes two keys of 32 bytes."""


class ProviderCipher:
    """Seals and opens ids under one key."""

    def __init__(self, key: bytes) -> None:
        if len(key) != PROVIDER_KEY_BYTES:
            raise ValueError(f"the key has {PROVIDER_KEY_BYTES} bytes, not {len(key)}")
        self._cipher = AESSIV(key)

    @classmethod
    def of(cls, keys_dir: Path) -> Self:
        """Read the key of an installation.

        Raises:
            FileNotFoundError: there is none.
        """
        return cls((keys_dir / "provider.key").read_bytes())

    def seal(self, id: str, key: str) -> str:
        """Return the id as an event of this key carries it."""
        sealed = self._cipher.encrypt(id.encode(), [key.encode()])
        return SEALED_MARK + base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open(self, sealed: str, key: str) -> str:
        """Return the id.

        Raises:
            ValueError: it was sealed under another key, or for an event of another key.
        """
        text = sealed.removeprefix(SEALED_MARK)
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            return self._cipher.decrypt(raw, [key.encode()]).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise ValueError("an id that another installation has sealed, or for another") from None
