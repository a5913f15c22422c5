"""Ids of what has none of its own here: the standard asks for a UUID of every record."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from services.partner.model.service import Place, Service

_NAMESPACE = UUID("f2b7c1de-6a0f-5c44-9d35-1f0a3e6a7b21")

Record = dict[str, Any]


def derived(kind: str, *parts: object) -> str:
    """Return the id of a record, the same for ever."""
    # Lengths between, so that no two lists of parts make one text.
    return str(uuid5(_NAMESPACE, "".join(f"{len(str(each))}:{each}" for each in (kind, *parts))))


def uuid_of(id: str) -> str:
    """Return an id as it is where it is a UUID, and one derived from it elsewhere."""
    try:
        return str(UUID(id))
    except ValueError:
        return derived("own", id)


def location_id(service: Service, place: Place) -> str:
    """Return a place's id: a place of a directory is one location for all its services."""
    if place.source_id is not None:
        return derived("location", service.source or service.agency, place.source_id)
    where = (place.name, *place.lines, place.city, place.latitude, place.longitude)
    return derived("location", service.agency, *where)


def web(address: str | None) -> str | None:
    """Return an address of the web; what staff wrote in its place is none."""
    if address is None or any(letter.isspace() for letter in address):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in {"http", "https"} and parts.netloc else None


def told(record: Record) -> Record:
    """Return a record without what nobody has told."""
    return {name: value for name, value in record.items() if value not in (None, "", [], ())}
