"""Imports each topic's module, so that every class is in the registry."""

from contracts import (  # noqa: F401 - imported for what it registers
    agencies,
    consents,
    follow_ups,
    messages,
    offerings,
    partner_capacity,
    people,
    referrals,
)
