"""Ids of the sample district: the same at every making, so that a repeat changes nothing."""

from enum import IntEnum


class Kind(IntEnum):
    """What an id names; part of the id."""

    AGENCY = 0
    SERVICE = 1
    AGREEMENT = 2
    AGENCY_CONTACT = 3
    FAMILY = 4
    CONTACT = 5
    STUDENT = 6
    CONSENT = 7
    REFERRAL = 8
    STAFF = 9


def is_sample(kind: Kind, id: str) -> bool:
    """Tell whether an id is one that the sample district makes."""
    return id.startswith(sample_id(kind, 0)[:24])


def sample_id(kind: Kind, number: int) -> str:
    """Return the id of the `number`-th thing of a kind, in the form of a UUIDv7.

    Its time lies before every real one, so that what a person makes later is sorted as newer.
    """
    return f"0193{kind:04x}-0000-7000-8000-{number:012d}"
