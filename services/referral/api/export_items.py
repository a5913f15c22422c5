"""What a copy holds of each record: flat tables, in the words and codes in which it is stored."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from contracts.people import Profile
from contracts.sealed import Sealed
from services.referral.model.attempts import ContactAttempt
from services.referral.model.consent import Disclosure
from services.referral.model.consent_terms import Consent
from services.referral.model.deletion import DeletionRequest
from services.referral.model.follow_up import FollowUp, FollowUpNote
from services.referral.model.hand_off import HandOff
from services.referral.model.household import ContactDetails
from services.referral.model.meeting import Meeting
from services.referral.model.people import Contact, Student, StudentRecord
from services.referral.model.referral import Referral
from services.referral.store import TimelineEntry

Item = dict[str, Any]
Open = Callable[[Sealed | None], Awaitable[str | None]]
"""Opens a sealed text; None where there is none, or its key is gone."""


def of_person(
    contact: Contact, profile: Profile, details: ContactDetails | None, *, whole: bool
) -> Item:
    """Return somebody around a child; of anybody but the reader, name and relation alone."""
    item: Item = {"name": profile.given_name, "relation": contact.relation.value}
    if not whole:
        return item
    known = details or ContactDetails()
    return {
        **item,
        "family_name": known.family_name,
        "reads": contact.reads.value,
        "speaks": known.speaks,
        "needs_interpreter": known.interpreter,
        "phone": profile.phone,
        "phones": [f"{each.number} {each.label}".strip() for each in known.phones],
        "email": profile.email,
        "preferred": profile.preferred.value,
        "reach_from": str(known.reach_from) if known.reach_from else None,
        "reach_until": str(known.reach_until) if known.reach_until else None,
        "may_be_told": contact.may_be_told,
        "do_not_contact": contact.do_not_contact,
    }


def of_child(child: Student, record: StudentRecord | None) -> Item:
    """Return a child's own record."""
    known = record.model_dump(mode="json") if record else {}
    known["needs_interpreter"] = known.pop("interpreter", None)
    return {
        **known,
        "school": child.site,
        "enrolment": child.enrolment.value,
        "left_on": child.left_on.isoformat() if child.left_on else None,
    }


async def of_consent(
    name: str, each: Consent, open_: Open, *, giver: str | None, taker: str | None
) -> Item:
    """Return a consent, as FERPA asks that it says, and how it ended."""
    ended, scan = each.revocation, each.scan
    return {
        "child": name,
        "categories": [code.value for code in each.categories],
        "agencies": list(each.agencies),
        "parts": [code.value for code in each.parts],
        "purposes": [code.value for code in each.purposes],
        "method": each.method.value,
        "given_by": giver or each.given_by,
        "guardian_may_know": each.guardian_may_know,
        "read_in": each.read_in,
        "witness": await open_(each.witness),
        "interpreter": await open_(each.interpreter),
        "entered_by": each.entered_by,
        "given_on": each.given_on.isoformat(),
        "since": each.first_day.isoformat(),
        "until": each.until.isoformat(),
        "scan_type": scan.kind.value if scan else None,
        "scan_stored_at": scan.stored_at.isoformat() if scan else None,
        "scan_stored_by": scan.stored_by if scan else None,
        "revoked_at": ended.at.isoformat() if ended else None,
        "revoked_by": (taker or ended.by or ended.recorded_by) if ended else None,
        "revoked_reason": ended.reason.value if ended else None,
        "revoked_words": await open_(ended.words) if ended else None,
    }


async def of_referral(
    name: str, each: Referral, place: HandOff | None, events: Iterable[TimelineEntry], open_: Open
) -> Item:
    """Return a referral, or a hand-off outside the network, and how it ended."""
    claim = each.claim
    there = await open_(place.to) if place else None
    return {
        "child": name,
        "school": each.site,
        "category": each.category.value,
        "urgency": each.urgency.value,
        "audience": each.audience.value,
        "state": each.state.value,
        "business": each.business.value if each.business else None,
        "reason": each.reason.value if each.reason else None,
        "need": await open_(each.need),
        "despite_duplicate": await open_(each.despite_duplicate),
        "created_at": each.created_at.isoformat(),
        "changed_at": each.since.isoformat(),
        "coordinator": each.coordinator,
        "asked": [{"agency": one.agency, "service": one.service} for one in each.candidates],
        "agency": there or (claim.agency if claim else None),
        "service": claim.service if claim and not place else None,
        "appointment": each.appointment.isoformat() if each.appointment else None,
        "held_until": each.held_until.isoformat() if each.held_until else None,
        "outcome": each.outcome.value if each.outcome else None,
        "follows": each.re_referral_of,
        "handed_how": place.how.value if place else None,
        "handed_at": place.handed_at.isoformat() if place else None,
        "handed_by": place.by if place else None,
        "handed_parts": [code.value for code in place.released] if place else [],
        "handed_without_consent": await open_(place.without_consent) if place else None,
        "closed_at": place.closed_at.isoformat() if place and place.closed_at else None,
        "closed_by": place.closed_by if place else None,
        "history": [f"{one.at.isoformat()} {one.what}" for one in events],
    }


async def of_follow_up(name: str, each: FollowUp, note: FollowUpNote | None, open_: Open) -> Item:
    """Return what somebody was to look at again, and what they learned."""
    return {
        "child": name,
        "follow_up": each.kind.value,
        "due_on": each.due_on.isoformat(),
        "state": each.state.value,
        "because": each.because.value if each.because else None,
        "done_by": each.done_by,
        "by": note.by if note else None,
        "at": note.at.isoformat() if note else None,
        "words": await open_(note.words) if note else None,
    }


def of_disclosure(name: str, made: Disclosure) -> Item:
    """Return who was told what, when, and when that was written down."""
    return {
        "child": name,
        "at": made.made_at.isoformat(),
        "recorded_at": made.recorded_at.isoformat(),
        "agency": made.agency,
        "service": made.service,
        "parts": [code.value for code in made.parts],
    }


async def of_deletion(name: str, each: DeletionRequest, open_: Open) -> Item:
    """Return what an agency was asked to delete, and its word that it did."""
    receipt = each.receipt
    return {
        "child": name,
        "agency": each.agency,
        "at": each.asked_at.isoformat(),
        "due_on": each.due_on.isoformat(),
        "state": each.state.value,
        "confirmed_at": receipt.at.isoformat() if receipt else None,
        "confirmed_how": receipt.method.value if receipt else None,
        "told_by": await open_(receipt.told_by) if receipt else None,
    }


async def of_attempt(name: str, each: ContactAttempt, open_: Open, *, sought: str | None) -> Item:
    """Return a call, text, visit or meeting."""
    return {
        "child": name,
        "at": each.happened_at.isoformat(),
        "recorded_at": each.recorded_at.isoformat(),
        "kind": each.kind.value,
        "reached": each.reached,
        "sought": sought or each.person,
        "spoken": each.language,
        "interpreted_by": each.interpreter.value,
        "by": each.by,
        "words": await open_(each.words),
        "next_step": await open_(each.next_step),
        "next_on": each.next_on.isoformat() if each.next_on else None,
    }


async def of_meeting(name: str, each: Meeting, open_: Open) -> Item:
    """Return a meeting about a child: who was there, what was decided, what is to be done."""
    return {
        "child": name,
        "at": each.held_on.isoformat(),
        "recorded_at": each.recorded_at.isoformat(),
        "by": each.by,
        "people": [await open_(one.name) or one.subject for one in each.participants],
        "roles": [one.role.value for one in each.participants],
        "decided": await open_(each.decided),
        "tasks": [
            {
                "what": await open_(one.what),
                "owner": one.owner,
                "due_on": one.due_on.isoformat(),
                "state": one.state.value,
            }
            for one in each.tasks
        ],
    }
