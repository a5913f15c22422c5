"""Identifiers: UUIDv7, so that they sort by age and a client can make its own."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> str:
    """Return a fresh UUIDv7 as text."""
    return str(uuid7())


def is_id(text: str) -> bool:
    """Tell whether a text is a UUID in its usual form."""
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
