"""Standard Webhooks 1.0: how a delivery is signed, and how a receiver verifies it. Pure.

Signed is `id.timestamp.body`; a signature is `v1,` and the base64 of an HMAC-SHA256. Several stand
in one header, separated by spaces, so that a secret can be changed without a gap.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"

PREFIX = "whsec_"
SECRET_BYTES = 32
_LEAST, _MOST = 24, 64
_VERSION = "v1,"

TOLERANCE = timedelta(minutes=5)
"""How far a delivery's time may be from the receiver's."""


class SignatureError(ValueError):
    """A delivery that must not be believed; the text says why."""


def write_secret(random: bytes) -> str:
    """Return a secret as the receiver is given it."""
    return PREFIX + base64.b64encode(random).decode("ascii")


def read_secret(secret: str) -> bytes:
    """Return a secret's bytes.

    Raises:
        ValueError: it is no secret of 24 to 64 bytes.
    """
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("a secret is `whsec_` and base64") from None
    if not _LEAST <= len(key) <= _MOST:
        raise ValueError(f"a secret has {_LEAST} to {_MOST} bytes")
    return key


def sign(secret: str, id: str, at: datetime, body: bytes) -> str:
    """Return one signature of a body."""
    signed = b"%s.%d.%s" % (id.encode(), int(at.timestamp()), body)
    mac = hmac.new(read_secret(secret), signed, hashlib.sha256).digest()
    return _VERSION + base64.b64encode(mac).decode("ascii")


def headers(secrets: Sequence[str], id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the three headers of an attempt, with a signature by each secret that is live.

    Args:
        secrets: newest first.
        id: of the event, the same at every attempt.
        at: when this attempt is made.
        body: as it is sent.
    """
    return {
        ID: id,
        TIMESTAMP: str(int(at.timestamp())),
        SIGNATURE: " ".join(sign(secret, id, at, body) for secret in secrets),
    }


def verify(secret: str, given: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Pass only what was signed with the secret, lately.

    Raises:
        SignatureError: a header is missing, the time is off, or no signature fits.
    """
    found = {name.lower(): value for name, value in given.items()}
    try:
        id, timestamp, signatures = found[ID], found[TIMESTAMP], found[SIGNATURE]
    except KeyError as missing:
        raise SignatureError(f"{missing.args[0]} is missing") from None
    try:
        at = datetime.fromtimestamp(int(timestamp), now.tzinfo)
    except (ValueError, OverflowError, OSError):
        raise SignatureError(f"{TIMESTAMP} is no number of seconds") from None
    if abs(now - at) > TOLERANCE:
        raise SignatureError(f"{TIMESTAMP} is more than five minutes off")
    expected = sign(secret, id, at, body)
    # All of them are compared, each in constant time.
    fits = [hmac.compare_digest(each.encode(), expected.encode()) for each in signatures.split()]
    if not any(fits):
        raise SignatureError("no signature fits")
