"""Magic links and short codes: derived, not transported.

A token is an HMAC of purpose, subject, recipient and the event's nonce under a link key that its
owner and notify hold, so that no log and no topic ever contains it. The owner stores its hash.
"""

import base64
import hashlib
import hmac
from pathlib import Path

TOKEN_BYTES = 16
"""128 bits: 22 characters of base64url, too many to try."""

CODE_DIGITS = 6


def derive_token(key: bytes, *, purpose: str, subject: str, recipient: str, nonce: str) -> str:
    """Return the 22 characters that stand in a link."""
    mac = _mac(key, "link", purpose, subject, recipient, nonce)
    return base64.urlsafe_b64encode(mac[:TOKEN_BYTES]).rstrip(b"=").decode("ascii")


def derive_code(key: bytes, *, purpose: str, subject: str, recipient: str, nonce: str) -> str:
    """Return a one-time code of six digits; its owner limits the tries and the time."""
    mac = _mac(key, "code", purpose, subject, recipient, nonce)
    return f"{int.from_bytes(mac[:8], 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def hash_token(token: str) -> str:
    """Return what the owner stores; a 128-bit token needs no salt."""
    return hashlib.sha256(token.encode("utf-8")).hexdigest()


def same(given: str, expected: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(given.encode("utf-8"), expected.encode("utf-8"))


def read_link_key(keys_dir: Path) -> bytes:
    """Read the link key.

    Raises:
        FileNotFoundError: there is none.
    """
    return (keys_dir / "link.key").read_bytes()


def _mac(key: bytes, *parts: str) -> bytes:
    # Lengths first, so that no two lists of parts make one text.
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hmac.new(key, text.encode("utf-8"), hashlib.sha256).digest()
