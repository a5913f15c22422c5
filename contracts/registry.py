"""Finds a message's class by its type name. Importing each topic's module enters its classes."""

from contracts import (  # noqa: F401 - imported for what it enters
    agencies,
    consents,
    follow_ups,
    help_requests,
    messages,
    offerings,
    partner_capacity,
    people,
    referral_marks,
    referrals,
    rules,
    staff,
)
from contracts.event import Event, entered
from contracts.topic import TOPICS


def event_class(type_name: str) -> type[Event] | None:
    """Return the class of a type name, or None where this release does not know it."""
    return entered().get(type_name)


def event_classes() -> tuple[type[Event], ...]:
    """Return every message class, by topic and then in the order they were written.

    Whichever module a program imports first: what is generated must not depend on it.
    """
    places = {topic.name: place for place, topic in enumerate(TOPICS)}
    return tuple(
        sorted(entered().values(), key=lambda kind: places.get(kind.TOPIC.name, len(TOPICS)))
    )
