"""What became of offers, counted in the database: by it matching, performance and agreements go.

One rule for all three. A yes is every claim, whatever referral made of it, and a waitlist is an
answer that is neither yes nor no. An offer that another agency took first, or that the school took
back, is nobody's fault and counts as neither. What was entered in error is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.codes import Progress
from services.chassis.store import Store
from services.partner.model.handled import Fate, Handled
from services.partner.model.matching.candidate import Measured
from services.partner.model.offering import Offering, OfferState
from services.partner.model.performance import Counts, accepted_share, middle

_LATELY = timedelta(days=180)
_BEGUN = frozenset({Progress.STARTED.value, Progress.COMPLETED.value})


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


async def each_of(store: Store, agency: str) -> list[Handled]:
    """Return what every offer of an agency's came to, as they stand now."""
    kept = ("service", "site", "asked_at", "replied_at")
    shown = {name: f"$offers.{name}" for name in kept}
    shown |= {"yes_at": "$claim.made_at", "began_at": "$claim.began_at", "fate": "$fate"}
    shown |= {"progress": "$claim.progress"}
    span = Span(datetime.min.replace(tzinfo=UTC), agency=agency)
    stages = [*_stages(span), {"$project": {"_id": 0, **shown}}]
    rows = await store.collection(Offering).aggregate(stages)
    return [_handled(row) async for row in rows]


def _handled(row: Mapping[str, Any]) -> Handled:
    begun = row.get("progress") in _BEGUN
    return Handled(
        service=row["service"],
        site=row["site"],
        fate=Fate(row["fate"]),
        asked_at=row["asked_at"],
        replied_at=row.get("replied_at"),
        yes_at=row.get("yes_at"),
        began_at=row.get("began_at") if begun else None,
    )


async def _counted(store: Store, span: Span, by: str) -> dict[str, Counts]:
    """Count offers; an answer recorded after a call counts from when it was said."""
    stages = [*_stages(span), {"$group": {"_id": by, **_sums(span.until)}}]
    rows = await store.collection(Offering).aggregate(stages)
    return {row["_id"]: _counts(row) async for row in rows}


def _stages(span: Span) -> list[dict[str, Any]]:
    """Return the steps to one row an offer, with its last claim and its fate."""
    asked: dict[str, Any] = {"$gte": span.since}
    if span.until is not None:
        asked["$lt"] = span.until
    ours: dict[str, Any] = {"offers.asked_at": asked}
    if span.agency is not None:
        ours["offers.agency"] = span.agency
    within = {"offers": {"$elemMatch": {k.removeprefix("offers."): v for k, v in ours.items()}}}
    claims = {"$filter": {"input": "$claims", "cond": {"$eq": ["$$this.offer", "$offers.id"]}}}
    return [
        {"$match": {**within, "in_error": {"$ne": True}}},
        {"$project": {"offers": 1, "claims": 1}},
        {"$unwind": "$offers"},
        {"$match": ours},
        {"$set": {"claim": {"$last": claims}}},
        {"$set": {"fate": _fate(span.until)}},
    ]


def _fate(until: datetime | None) -> dict[str, Any]:
    """Return what tells the fate of a row: the rule of this page, in the database's words."""

    def stands(state: OfferState) -> dict[str, Any]:
        return {"$eq": ["$offers.state", state.value]}

    said_no = {"$and": [stands(OfferState.DECLINED), _happened("$offers.replied_at", until)]}
    away = {"$or": [stands(OfferState.TAKEN), stands(OfferState.WITHDRAWN)]}
    branches = (
        (_happened("$claim.made_at", until), Fate.YES),
        (said_no, Fate.NO),
        (stands(OfferState.EXPIRED), Fate.SILENT),
        (away, Fate.AWAY),
        (stands(OfferState.WAITLISTED), Fate.WAITS),
    )
    cases = [{"case": case, "then": fate.value} for case, fate in branches]
    return {"$switch": {"branches": cases, "default": Fate.OPEN.value}}


def _happened(field: str, until: datetime | None) -> dict[str, Any]:
    """Tell whether something had happened by the end of the span."""
    there: list[Any] = [{"$gt": [field, None]}]
    if until is not None:
        there.append({"$lt": [field, until]})
    return {"$and": there}


def _sums(until: datetime | None) -> dict[str, Any]:
    def times(field: str) -> dict[str, Any]:
        return {"$sum": {"$cond": [_happened(field, until), 1, 0]}}

    def came_to(*fates: Fate) -> dict[str, Any]:
        named = [each.value for each in fates]
        return {"$sum": {"$cond": [{"$in": ["$fate", named]}, 1, 0]}}

    wait = {"$subtract": ["$offers.replied_at", "$offers.asked_at"]}
    return {
        "asked": {"$sum": 1},
        "waits": {"$push": {"$cond": [_happened("$offers.replied_at", until), wait, None]}},
        "yes": came_to(Fate.YES),
        "no": came_to(Fate.NO, Fate.SILENT),
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
