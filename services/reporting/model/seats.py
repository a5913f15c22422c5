"""Read model `seats`: what every service last told of its seats, and their sums by need."""

from datetime import UTC
from typing import Any

from contracts.cloudevents import Envelope
from contracts.event import Event
from contracts.partner_capacity import PartnerCapacityChanged
from services.reporting.model.counts import SEATS, count_name

Document = dict[str, Any]

SUMMED = ("maximum", "available", "held", "used", "waitlisted")


def evolve(document: Document | None, event: Event, envelope: Envelope) -> Document | None:
    """Return the newest state: each event holds it in full."""
    del envelope
    if not isinstance(event, PartnerCapacityChanged):
        return document
    told = event.as_of.astimezone(UTC)
    return {
        **event.model_dump(mode="python"),
        "as_of": told.replace(microsecond=told.microsecond // 1000 * 1000),
    }


def contributions(document: Document) -> dict[str, int]:
    """Return what one service at one school adds to the sums of its need and unit."""
    cell = (document["site"], document["category"], document["unit"])
    return {count_name(SEATS, *cell, field): int(document[field]) for field in SUMMED}
