"""Builders for notify's tests: plainly invented, each with what the test does not care about."""

from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.agencies import ContactProfile
from contracts.categories import Category
from contracts.codes import Audience, Channel, Language, Relation, Template, Urgency
from contracts.follow_ups import FollowUpDue, FollowUpKind
from contracts.offerings import Offer, OfferClaimed, OfferingOpened
from contracts.people import Profile
from contracts.referrals import (
    Bands,
    Candidate,
    ReferralAccepted,
    ReferralCreated,
    ReferralOffered,
)
from services.notify.model.cause import LinkSource
from services.notify.model.contact import Book
from services.notify.model.message import Message, conversation_of, message_id

NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
"""A Tuesday, 10:00 in California."""

PHONE = "+15105550123"
SITE = "site-01"
BANDS = Bands(age="7-9", language="es")


def mother(**changes: Any) -> Profile:
    """Return a contact who reads Spanish and may be told by text."""
    fields: dict[str, Any] = {
        "given_name": "Elena",
        "relation": Relation.MOTHER,
        "reads": Language.SPANISH,
        "phone": PHONE,
        "may_be_told": True,
    }
    return Profile(**{**fields, **changes})


def clinic(**changes: Any) -> ContactProfile:
    """Return a contact at an agency who is written to by mail."""
    fields: dict[str, Any] = {
        "name": "Dana Frost",
        "reads": Language.ENGLISH,
        "email": "dana@smiles.example.org",
    }
    return ContactProfile(**{**fields, **changes})


def created(referral: str, **changes: Any) -> ReferralCreated:
    """Return a referral of which a guardian may be told."""
    fields: dict[str, Any] = {
        "referral": referral,
        "student": "stu-1",
        "family": "fam-1",
        "site": SITE,
        "category": Category.DENTAL,
        "urgency": Urgency.ROUTINE,
        "audience": Audience.GUARDIAN,
        "coordinator": "rosa",
        "nonce": f"nonce-of-{referral}",
    }
    return ReferralCreated(**{**fields, **changes})


def offered(referral: str, **changes: Any) -> ReferralOffered:
    """Return its first round."""
    fields: dict[str, Any] = {
        "referral": referral,
        "round": 1,
        "site": SITE,
        "category": Category.DENTAL,
        "urgency": Urgency.ROUTINE,
        "bands": BANDS,
        "candidates": (Candidate(service="svc-1", agency="agy-1"),),
        "answer_by": NOW + timedelta(days=2),
    }
    return ReferralOffered(**{**fields, **changes})


def opened(referral: str, *contacts: str, batch: str | None = None) -> OfferingOpened:
    """Return its offering, one offer for each contact; `batch` where many were asked at once."""
    offers = tuple(
        Offer(
            offer=f"offer-{index}-{referral}",
            service=f"svc-{index}",
            agency="agy-1",
            contact=contact,
            nonce=f"offer-nonce-{index}",
        )
        for index, contact in enumerate(contacts, start=1)
    )
    return OfferingOpened(
        referral=referral,
        round=1,
        site=SITE,
        category=Category.DENTAL,
        bands=BANDS,
        offers=offers,
        answer_by=NOW + timedelta(days=2),
        batch=batch,
    )


def claimed(referral: str, contact: str) -> OfferClaimed:
    """Return the first yes."""
    return OfferClaimed(
        referral=referral,
        round=1,
        offer=f"offer-1-{referral}",
        claim="claim-1",
        service="svc-1",
        agency="agy-1",
        contact=contact,
        nonce="offer-nonce-1",
    )


def accepted(referral: str) -> ReferralAccepted:
    """Return the answer to the claim."""
    return ReferralAccepted(referral=referral, claim="claim-1", service="svc-1", agency="agy-1")


def asked(referral: str) -> FollowUpDue:
    """Return the day on which the family is asked."""
    return FollowUpDue(
        follow_up="fol-1",
        referral=referral,
        kind=FollowUpKind.DID_HELP_ARRIVE,
        student="stu-1",
        family="fam-1",
        site=SITE,
        audience=Audience.GUARDIAN,
    )


def message(**changes: Any) -> Message:
    """Return a family's text that is due."""
    person, channel = changes.get("person", "per-1"), changes.get("channel", Channel.SMS)
    fields: dict[str, Any] = {
        "id": message_id("evt-1", person, channel),
        "cause": "evt-1",
        "template": Template.FAMILY_ASKED,
        "person": person,
        "book": Book.PEOPLE,
        "channel": channel,
        "conversation": conversation_of(person, channel),
        "language": Language.SPANISH,
        "reads": Language.SPANISH,
        "referral": "ref-1",
        "site": SITE,
        "links": (LinkSource(purpose="family-status", subject="ref-1", nonce="n"),),
        "answer_by": None,
        "caused_at": NOW,
        "expires": NOW + timedelta(days=3),
        "created_at": NOW,
        "since": NOW,
        "next_due": NOW,
    }
    return Message(**{**fields, **changes})
