"""Builders for referral's tests: plainly invented, each with what the test does not care about."""

from datetime import UTC, date, datetime
from typing import Any

from contracts.categories import Category
from contracts.codes import Audience, Language, Relation, ReleasedPart, Urgency
from contracts.consents import ConsentMethod
from contracts.referrals import Bands, Candidate
from contracts.sealed import Sealed
from services.referral.model.consent import Consent, ConsentBook, Disclosure
from services.referral.model.consent_terms import Revocation, RevocationReason
from services.referral.model.people import Contact, Family
from services.referral.model.referral import Referral

NOW = datetime(2026, 10, 13, 17, 0, tzinfo=UTC)
TODAY = date(2026, 10, 13)
BANDS = Bands(age="7-9", language="es")
SMILES = Candidate(service="svc-smiles", agency="agy-smiles")
TOOTH_BUS = Candidate(service="svc-bus", agency="agy-bus")
SEALED = Sealed("QUJD")
REVOCATION = Revocation(
    at=NOW, by="per-mother", recorded_by="rosa", reason=RevocationReason.CHANGED_MIND
)


def referral(**changes: Any) -> Referral:
    """Return a draft of a referral that a guardian may be told of."""
    fields: dict[str, Any] = {
        "id": "ref-1",
        "student": "stu-1",
        "family": "fam-1",
        "site": "site-01",
        "zone": "America/Los_Angeles",
        "category": Category.DENTAL,
        "urgency": Urgency.ROUTINE,
        "audience": Audience.GUARDIAN,
        "coordinator": "rosa",
        "need": SEALED,
        "nonce": "n-1",
        "fingerprint": "f",
        "created_at": NOW,
        "since": NOW,
    }
    return Referral(**{**fields, **changes})


def family(**changes: Any) -> Family:
    """Return a household with a mother who may be told and a father who may not."""
    mother = Contact(
        id="per-mother",
        relation=Relation.MOTHER,
        reads=Language.SPANISH,
        may_be_told=True,
        profile=SEALED,
    )
    father = Contact(
        id="per-father",
        relation=Relation.FATHER,
        reads=Language.ENGLISH,
        may_be_told=False,
        profile=SEALED,
    )
    fields = {"id": "fam-1", "site": "site-01", "contacts": (mother, father), "fingerprint": "f"}
    return Family(**{**fields, **changes})


def consent(**changes: Any) -> Consent:
    """Return a guardian's consent for dental care, to any agency, for the school year."""
    fields: dict[str, Any] = {
        "id": "con-1",
        "categories": (Category.DENTAL,),
        "agencies": (),
        "parts": (ReleasedPart.NAME, ReleasedPart.CONTACT),
        "method": ConsentMethod.SIGNED_ON_SCREEN,
        "witness": None,
        "given_by": "per-mother",
        "given_on": date(2026, 9, 3),
        "until": date(2027, 6, 30),
        "fingerprint": "f",
    }
    return Consent(**{**fields, **changes})


def book(*consents: Consent, **changes: Any) -> ConsentBook:
    """Return a student's consents."""
    fields: dict[str, Any] = {"id": "stu-1", "family": "fam-1", "site": "site-01"}
    return ConsentBook(**{**fields, "consents": consents, **changes})


def disclosure(**changes: Any) -> Disclosure:
    """Return a reading by the agency Smiles on the guardian's consent."""
    fields: dict[str, Any] = {
        "id": "dis-1",
        "family": "fam-1",
        "student": "stu-1",
        "site": "site-01",
        "referral": "ref-1",
        "consent": "con-1",
        "agency": "agy-smiles",
        "service": "svc-smiles",
        "claim": "clm-1",
        "parts": (ReleasedPart.NAME,),
        "made_at": NOW,
        "recorded_at": NOW,
    }
    return Disclosure(**{**fields, **changes})
