"""What an agency's system hears, and how its endpoints, deliveries and keys stand. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

EVENTS = (
    "opened",
    "claimed",
    "declined",
    "waitlisted",
    "promoted",
    "withdrawn",
    "expired",
    "contested",
    "question-answered",
    "awaiting-consent",
    "accepted",
    "progress-reported",
    "on-hold",
    "resumed",
    "completed",
    "failed",
)
"""What can be subscribed to, in the order of an offer's course."""

SCOPES = ("feed", "webhooks", "fhir", "capacity", "performance", "keys")
"""What a key can be good for, the most asked for first."""

LIVES = (30, 90, 180, 365)
"""Days that a key can be made for."""

REPLAYED = timedelta(days=30)
"""How far back a replay goes."""


class Health(StrEnum):
    """How an endpoint stands, for its agency."""

    WORKS = "works"
    FAILS = "fails"
    PAUSED = "paused"
    GIVEN_UP = "given-up"
    GONE = "gone"


class Life(StrEnum):
    """How a key stands."""

    WORKS = "works"
    ENDS_SOON = "ends-soon"
    EXPIRED = "expired"
    REVOKED = "revoked"


ENDS_SOON = timedelta(days=14)


def type_of(event: str) -> str:
    """Return the type of an event as the agency receives it."""
    return f"org.enlace.offer.{event}.v1"


def event_of(type: str) -> str:
    """Return the short name of a type; `test` of a test event."""
    parts = type.split(".")
    return parts[3] if len(parts) > 4 else "test"  # noqa: PLR2004 - org.enlace.offer.<name>.v1


def health_of(endpoint: Mapping[str, Any]) -> Health:
    """Return how an endpoint stands."""
    if endpoint["state"] == "enabled":
        return Health.FAILS if endpoint["failing_since"] else Health.WORKS
    by_reason = {"failing": Health.GIVEN_UP, "gone": Health.GONE}
    return by_reason.get(str(endpoint["reason"]), Health.PAUSED)


def life_of(key: Mapping[str, Any], now: datetime) -> Life:
    """Return how a key stands."""
    if key["revoked"]:
        return Life.REVOKED
    left = datetime.fromisoformat(key["expires"]) - now
    if left <= timedelta():
        return Life.EXPIRED
    return Life.ENDS_SOON if left <= ENDS_SOON else Life.WORKS


def working_first(keys: Iterable[Mapping[str, Any]], now: datetime) -> list[Mapping[str, Any]]:
    """Return keys, those that work first, each part with the newest on top."""
    over = {Life.EXPIRED, Life.REVOKED}
    newest = sorted(keys, key=lambda each: str(each["created_at"]), reverse=True)
    return sorted(newest, key=lambda each: life_of(each, now) in over)


def missed_since(disabled_at: datetime | None, now: datetime) -> datetime | None:
    """Return from when on an endpoint that was off is sent what it missed."""
    return None if disabled_at is None else max(disabled_at, now - REPLAYED + timedelta(hours=1))
