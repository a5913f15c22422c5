"""Read model `referral-facts`: one document a referral, one section a topic that feeds it.

No section reads another while it is written, so that it does not matter which topic arrives first.
Counts are kept by site, category and month of creation (local to the school).
"""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from contracts.cloudevents import Envelope
from contracts.event import Event
from contracts.follow_ups import FollowUpDone, FollowUpDue, FollowUpOverdue, FollowUpScheduled
from contracts.offerings import (
    NeedUnmatched,
    OfferClaimed,
    OfferDeclined,
    OfferingExpired,
    OfferingOpened,
    OfferPromoted,
    OfferWaitlisted,
)
from contracts.referral_marks import ReferralMarked
from contracts.referrals import (
    ReferralAccepted,
    ReferralAwaitingConsent,
    ReferralCancelled,
    ReferralClaimRefused,
    ReferralCompleted,
    ReferralCorrected,
    ReferralCreated,
    ReferralDisputed,
    ReferralEnteredInError,
    ReferralErased,
    ReferralExpired,
    ReferralFailed,
    ReferralHandedOff,
    ReferralOffered,
    ReferralOnHold,
    ReferralRecalled,
    ReferralRejected,
    ReferralRequested,
    ReferralResumed,
    ReferralScheduled,
    ReferralStarted,
    ReferralTransferred,
    ReferralUnmet,
    ReferralVerified,
    ReferralWaveAdded,
    ReferralWaveDropped,
)
from contracts.topic import FOLLOW_UPS, REFERRAL_MARKS, REFERRALS
from services.reporting.model.counts import (
    ACCEPT_HOURS,
    FOLLOW_UP,
    FUNNEL,
    PROGRAMME,
    UNMET,
    count_name,
    programme_stage,
)
from services.reporting.model.funnel import hours_bucket, reached

Document = dict[str, Any]

UNKNOWN = "unknown"
"""What a slice says of a referral whose family was erased."""

_UNKNOWN_MARKS: Document = {"programmes": [UNKNOWN]}

_SECTIONS = {
    REFERRALS.name: "referral",
    FOLLOW_UPS.name: "follow_ups",
    REFERRAL_MARKS.name: "marks",
}
"""Parts of a document by topic: topics come in any order, so that none touches another's part, but
for an erasure, which leaves nothing of the marks."""

_SLICES = ("category", "urgency", "reason", "unmet_reason", "outcome")


class OpenedMarks(ReferralMarked):
    """The marks of a referral, in clear.

    Attributes:
        programmes: what the child was in; None where the child was erased.
    """

    programmes: tuple[str, ...] | None


def evolve(document: Document | None, event: Event, envelope: Envelope, zone: str) -> Document:
    """Return the document after an event; `zone` is where the district's months begin (IANA)."""
    return _evolve(document or {}, event, _whole(envelope.time), ZoneInfo(zone))


def _whole(time: datetime) -> datetime:
    """Cut a time to what the database keeps.

    Finer, a duration computed before the document was written could fall into another bucket than
    the same one computed after it was read, and the counts would drift.
    """
    time = time.astimezone(UTC)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def _evolve(document: Document, event: Event, at: datetime, place: ZoneInfo) -> Document:
    section = _SECTIONS.get(event.TOPIC.name, "offerings")
    before: Document = document.get(section, {})
    match section:
        case "referral":
            after = {**before, **_referral(before, event, at, place)}
            if "erased_at" in after and "marks" in document:
                document = {**document, "marks": _UNKNOWN_MARKS}
        case "marks":
            after = _marks(event, erased="erased_at" in document.get("referral", {}))
        case "follow_ups":
            after = _follow_ups(before, event, at)
        case _:
            after = {**before, **_offerings(before, event, at)}
    return {**document, section: after}


def _referral(before: Document, event: Event, at: datetime, place: ZoneInfo) -> Document:
    """Return the fields of the section that an event of topic `referrals` changes."""
    match event:
        case ReferralCreated():
            return {
                "site": event.site,
                "category": event.category,
                "urgency": event.urgency,
                "created_at": at,
                "month": at.astimezone(place).strftime("%Y-%m"),
                "state": "draft",
            }
        case ReferralOffered():
            asked = len(event.candidates)
            return {**_first(before, "offered_at", at), **_asked(event.round, asked)}
        case ReferralRequested():
            return {**_first(before, "offered_at", at), **_asked(event.round, 1)}
        case ReferralWaveAdded():
            return {"services_asked": before.get("services_asked", 0) + len(event.candidates)}
        case ReferralWaveDropped():
            return {"services_asked": before.get("services_asked", 0) - len(event.candidates)}
        case ReferralAccepted():
            return {
                **_first(before, "accepted_at", at),
                "state": "accepted",
                "agency": event.agency,
                "service": event.service,
            }
        case ReferralHandedOff():
            # A place outside the network has it: taken, by nobody whose answer could be waited for.
            first = _first(before, "accepted_at", at)
            return {**first, **_first(before, "handed_off_at", at), "state": "accepted"}
        case ReferralAwaitingConsent():
            return _first(before, "awaiting_consent_at", at)
        case ReferralClaimRefused():
            return {"claims_refused": before.get("claims_refused", 0) + 1}
        case ReferralRejected():
            return {"state": "rejected", "rejected_at": at, "reason": event.reason}
        case ReferralRecalled():
            return {"state": "draft"}
        case ReferralOnHold():
            return {"state": "on-hold"}
        case ReferralResumed():
            return {"state": "in-progress"}
        case ReferralScheduled():
            return {"appointment": _whole(event.appointment)}
        case ReferralStarted():
            return {**_first(before, "started_at", at), "state": "in-progress"}
        case ReferralCompleted():
            return {"state": "completed", "partner_closed_at": at, "outcome": event.outcome}
        case ReferralFailed():
            return {"state": "failed", "failed_at": at, "outcome": event.outcome}
        case ReferralCancelled():
            return {"state": "cancelled", "cancelled_at": at, "reason": event.reason}
        case ReferralCorrected():
            return {"category": event.category, "urgency": event.urgency}
        case ReferralTransferred():
            return {"site": event.site}
        case ReferralVerified():
            return {"family_verified_at": at}
        case ReferralDisputed():
            # A family that has said yes may say no afterwards: the last word is what counts.
            return {**_first(before, "disputed_at", at), "family_verified_at": None}
        case ReferralExpired():
            return {"rounds_expired": before.get("rounds_expired", 0) + 1}
        case ReferralUnmet():
            return {"unmet_at": at, "unmet_reason": event.reason}
        case ReferralEnteredInError():
            return {"state": "entered-in-error", "entered_in_error_at": at}
        case ReferralErased():
            return _forgotten(before, at)
        case _:
            return {}


def _marks(event: Event, *, erased: bool) -> Document:
    """Return the programmes by which it counts.

    Of marks that nobody can open any more nothing is known, as of an erased family's referral.
    """
    known = event.programmes if isinstance(event, OpenedMarks) and not erased else None
    return _UNKNOWN_MARKS if known is None else {"programmes": sorted(set(known))}


def _forgotten(before: Document, at: datetime) -> Document:
    """Return what is left of an erased family's referral: its times, for the totals.

    Of what kind it was, and who helped, is unknown from here on: alone in its cell, a need tells
    of the one child who had it.
    """
    told: Document = {name: UNKNOWN for name in _SLICES if name in before}
    return {**told, "agency": None, "service": None, "appointment": None, "erased_at": at}


def _first(before: Document, field: str, at: datetime) -> Document:
    """Set a time once: the first of its kind is the one that is measured."""
    return {field: before.get(field, at)}


def _asked(round: int, services: int) -> Document:
    return {"state": "requested", "rounds": round, "services_asked": services}


def _follow_ups(before: Document, event: Event, at: datetime) -> Document:
    """Return the section's list of follow-ups, in the order in which they were first met."""
    rows: list[Document] = list(before.get("list", ()))
    changes: Document
    match event:
        case FollowUpScheduled():
            changes = {"kind": event.kind, "due_on": event.due_on.isoformat()}
        case FollowUpDue():
            changes = {"kind": event.kind, "due_at": at}
        case FollowUpOverdue():
            changes = {"overdue_at": at}
        case FollowUpDone():
            changes = {"done_at": at}
        case _:
            return before
    known = next((row for row in rows if row["id"] == event.follow_up), None)
    if known is None:
        rows.append({"id": event.follow_up, **changes})
    else:
        rows = [{**row, **changes} if row is known else row for row in rows]
    return {"list": rows}


def _offerings(before: Document, event: Event, at: datetime) -> Document:
    """Return the fields of the section that an event of topic `offerings` changes."""
    match event:
        case OfferingOpened():
            return {**_first(before, "opened_at", at), "round": event.round}
        case OfferClaimed() | OfferPromoted():
            return {"claimed_at": at}
        case OfferDeclined():
            reasons = list(before.get("declined", ()))
            return {"declined": [*reasons, event.reason]}
        case NeedUnmatched():
            return {"unmatched_at": at, "unmatched_reason": event.reason}
        case OfferWaitlisted():
            return {"waitlisted": before.get("waitlisted", 0) + 1}
        case OfferingExpired():
            return {"rounds_expired": before.get("rounds_expired", 0) + 1}
        case _:
            return {}


def _unmet(document: Document) -> str | None:
    """Return why a need is unmet: nobody could take it, or nobody could even be asked."""
    facts, offers = document.get("referral", {}), document.get("offerings", {})
    if "unmet_reason" in facts:
        return str(facts["unmet_reason"])
    if "unmatched_reason" not in offers or "opened_at" in offers:
        return None
    return UNKNOWN if "erased_at" in facts else str(offers["unmatched_reason"])


def contributions(document: Document) -> dict[str, int]:
    """Return what one referral adds to which counts; nothing before it was created, or in error."""
    facts: Document = document.get("referral", {})
    if "month" not in facts or "entered_in_error_at" in facts:
        return {}
    cell = (facts["site"], facts["category"], facts["month"])
    found = {count_name(FUNNEL, *cell, stage.value): 1 for stage in reached(facts)}
    for programme in document.get("marks", {}).get("programmes", ()):
        for stage in reached(facts):
            found[count_name(PROGRAMME, *cell, programme_stage(programme, stage))] = 1
    unmet = _unmet(document)
    if unmet is not None:
        found[count_name(UNMET, *cell, unmet)] = 1
    if "accepted_at" in facts and "offered_at" in facts and "handed_off_at" not in facts:
        waited = facts["accepted_at"] - facts["offered_at"]
        found[count_name(ACCEPT_HOURS, *cell, str(hours_bucket(waited)))] = 1
    for row in document.get("follow_ups", {}).get("list", ()):
        for state in ("due_at", "overdue_at", "done_at"):
            if state in row:
                name = count_name(FOLLOW_UP, *cell, state.removesuffix("_at"))
                found[name] = found.get(name, 0) + 1
    return found
