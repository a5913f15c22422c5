"""Counting what became of offers, in the database: what matching and performance go by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.chassis.store import Store
from services.partner.model.matching.candidate import Measured
from services.partner.model.offering import Offering, OfferState
from services.partner.model.performance import Counts, accepted_share, middle

_LATELY = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Span:
    """The offers that are counted: those that went out in it, as they stood at its end.

    Attributes:
        until: None counts them as they stand now.
        agency: whose; None: everybody's.
    """

    since: datetime
    until: datetime | None = None
    agency: str | None = None


async def measured(store: Store, now: datetime) -> dict[str, Measured]:
    """Return how agencies have answered in the last half year, by agency."""
    found = await _counted(store, Span(now - _LATELY), "$offers.agency")
    return {
        agency: Measured(reply=middle(counts), accepted=accepted_share(counts))
        for agency, counts in found.items()
    }


async def of_services(store: Store, span: Span) -> dict[str, Counts]:
    """Return what became of an agency's offers, by service."""
    return await _counted(store, span, "$offers.service")


async def _counted(store: Store, span: Span, by: str) -> dict[str, Counts]:
    """Count offers.

    A yes is every claim, whatever referral made of it; silence that ran out is an answer too.
    An answer that the school recorded after a call counts from when it was said.
    """
    asked: dict[str, Any] = {"$gte": span.since}
    if span.until is not None:
        asked["$lt"] = span.until
    ours: dict[str, Any] = {"offers.asked_at": asked}
    if span.agency is not None:
        ours["offers.agency"] = span.agency
    within = {"offers": {"$elemMatch": {k.removeprefix("offers."): v for k, v in ours.items()}}}
    claims = {"$filter": {"input": "$claims", "cond": {"$eq": ["$$this.offer", "$offers.id"]}}}
    pipeline: list[dict[str, Any]] = [
        {"$match": {**within, "in_error": {"$ne": True}}},
        {"$project": {"offers": 1, "claims": 1}},
        {"$unwind": "$offers"},
        {"$match": ours},
        {"$set": {"claim": {"$last": claims}}},
        {"$group": {"_id": by, **_sums(span.until)}},
    ]
    rows = await store.collection(Offering).aggregate(pipeline)
    return {row["_id"]: _counts(row) async for row in rows}


def _sums(until: datetime | None) -> dict[str, Any]:
    def happened(field: str) -> dict[str, Any]:
        """Tell whether something had happened by the end of the span."""
        there: list[Any] = [{"$gt": [field, None]}]
        if until is not None:
            there.append({"$lt": [field, until]})
        return {"$and": there}

    def times(field: str) -> dict[str, Any]:
        return {"$sum": {"$cond": [happened(field), 1, 0]}}

    declined = {"$eq": ["$offers.state", OfferState.DECLINED.value]}
    silent = {"$eq": ["$offers.state", OfferState.EXPIRED.value]}
    said_no = {"$or": [{"$and": [declined, happened("$offers.replied_at")]}, silent]}
    wait = {"$subtract": ["$offers.replied_at", "$offers.asked_at"]}
    return {
        "asked": {"$sum": 1},
        "waits": {"$push": {"$cond": [happened("$offers.replied_at"), wait, None]}},
        "yes": times("$claim.made_at"),
        "no": {"$sum": {"$cond": [said_no, 1, 0]}},
        "accepted": times("$claim.accepted_at"),
        "completed": times("$claim.completed_at"),
        "verified": times("$claim.verified_at"),
        "no_shows": times("$claim.no_show_at"),
    }


def _counts(row: Mapping[str, Any]) -> Counts:
    waits = (max(0, each) for each in row["waits"] if each is not None)
    return Counts(
        replies=tuple(timedelta(milliseconds=each) for each in waits),
        **{name: row[name] for name in row if name not in {"_id", "waits"}},
    )
