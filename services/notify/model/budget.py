"""What texts cost a school, in parts a month, and where that ends. Pure.

Carriers bill parts. A school without a budget may spend what it needs.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import ClassVar

from contracts.code import Code
from contracts.codes import Template
from services.chassis.aggregate import Aggregate
from services.notify.model.hours import place

_DECEMBER = 12

WARN_AT = 0.8
"""The share of a budget at which it is said that it runs out."""

ANSWERS: Collection[Template] = frozenset(
    {
        Template.AGENCY_IDENTITY_CODE,
        Template.AGENCY_TAKEN,
        Template.AGENCY_TEXT_NOTED,
        Template.AGENCY_TEXT_NO_SEAT,
        Template.AGENCY_TEXT_NOT_DONE,
        Template.AGENCY_TEXT_WHICH,
        Template.FAMILY_EMERGENCY,
        Template.FAMILY_HELP,
        Template.FAMILY_REQUEST_HANDLED,
        Template.FAMILY_REQUEST_RECEIVED,
        Template.FAMILY_THANKS,
        Template.FAMILY_WHICH,
        Template.STAFF_REPLY,
        Template.STOP_CONFIRMED,
    }
)
"""What answers somebody who has just written: no budget holds it, nor anything in a crisis."""


class BudgetState(Code):
    """Where a month's spending stands."""

    WITHIN = "within"
    WARNING = "warning"
    STOPPED = "stopped"


class TextBudget(Aggregate):
    """How many parts a school may send in a month; its id is the school's. None: as many as needed.

    Attributes:
        by: who said so.
    """

    COLLECTION: ClassVar[str] = "text_budgets"

    parts: int | None
    by: str
    at: datetime


class TextSpend(Aggregate):
    """What a school that has a budget has spent of a month; the id is school and month."""

    COLLECTION: ClassVar[str] = "text_spends"
    HOT: ClassVar[bool] = True

    parts: int = 0


def month_of(at: datetime, zone: str) -> str:
    """Return a moment's month at a place, as `2026-11`."""
    return f"{at.astimezone(place(zone)):%Y-%m}"


def next_month(at: datetime, zone: str) -> datetime:
    """Return when the next month begins at a place."""
    local = at.astimezone(place(zone))
    year, month = (local.year + 1, 1) if local.month == _DECEMBER else (local.year, local.month + 1)
    return datetime(year, month, 1, tzinfo=place(zone)).astimezone(UTC)


def spend_id(site: str, month: str) -> str:
    """Return the id of what a school has spent of a month."""
    return f"{site}:{month}"


def state_of(budget: int | None, spent: int) -> BudgetState:
    """Return where a month's spending stands."""
    if budget is None or spent < budget * WARN_AT:
        return BudgetState.WITHIN
    return BudgetState.STOPPED if spent >= budget else BudgetState.WARNING
