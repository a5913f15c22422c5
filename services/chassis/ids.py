"""Identifiers: UUIDv7, so that they sort by age and a client can make its own."""

from uuid import UUID, uuid4

from uuid_utils.compat import uuid7


def new_id() -> str:
    """Return a fresh UUIDv7 as text."""
    return str(uuid7())


def random_id() -> str:
    """Return a fresh UUIDv4 as text: unlike a UUIDv7, it does not tell when it was made."""
    return str(uuid4())


def is_id(text: str) -> bool:
    """Tell whether a text is a UUID in its usual form."""
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
