"""Consent to release (FERPA, 34 CFR 99.30): who may read which parts, for what, until when."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from contracts.categories import Category
from contracts.codes import Audience, ReleasedPart
from contracts.consents import ConsentGranted, ConsentMethod, ConsentRevoked, DisclosureMade
from contracts.event import Event
from services.chassis.aggregate import Aggregate
from services.chassis.errors import rule


class Consent(BaseModel):
    """One consent.

    Attributes:
        agencies: ids that it names; empty means every agency that serves the categories.
        given_by: a contact's id, or the student's where the law lets a minor consent alone.
        until: last day, local to the school.
        revoked_at: from then on nothing may be released under it.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    categories: tuple[Category, ...]
    agencies: tuple[str, ...]
    parts: tuple[ReleasedPart, ...]
    method: ConsentMethod
    witness: str | None
    given_by: str
    given_on: date
    until: date
    fingerprint: str
    revoked_at: datetime | None = None

    def covers(self, category: Category, agency: str, today: date) -> bool:
        """Tell whether it lets this agency read of this need today."""
        return (
            self.revoked_at is None
            and self.given_on <= today <= self.until
            and category in self.categories
            and (not self.agencies or agency in self.agencies)
        )


class ConsentBook(Aggregate):
    """All consents for one student; its id is the student's."""

    COLLECTION: ClassVar[str] = "consents"

    family: str
    site: str
    consents: tuple[Consent, ...] = ()

    def find(self, id: str) -> Consent | None:
        """Return one consent."""
        return next((consent for consent in self.consents if consent.id == id), None)

    def covering(self, category: Category, agency: str, today: date) -> Consent | None:
        """Return a consent under which this agency may read of this need today."""
        return next((each for each in self.consents if each.covers(category, agency, today)), None)

    def audience(self, category: Category, today: date) -> Audience:
        """Return who may be told: who consented decides. Nobody consented: nobody is told.

        A minor's own consent never reaches a parent's phone.
        """
        for each in self.consents:
            if each.revoked_at is None and each.until >= today and category in each.categories:
                return Audience.STUDENT if each.given_by == self.id else Audience.GUARDIAN
        return Audience.NOBODY

    def grant(self, consent: Consent) -> tuple["ConsentBook", Sequence[Event]]:
        """Return the book with one more consent, and what happened."""
        granted = ConsentGranted(
            consent=consent.id,
            family=self.family,
            student=self.id,
            categories=consent.categories,
            agencies=consent.agencies,
            parts=consent.parts,
            method=consent.method,
            until=consent.until,
        )
        return self.having(consents=(*self.consents, consent)), (granted,)

    def revoke(self, id: str, now: datetime) -> tuple["ConsentBook", Sequence[Event]]:
        """Return the book without effect of one consent; a repeat is no event.

        Raises:
            EnlaceError: there is no such consent.
        """
        consent = self.find(id)
        if consent is None:
            raise rule("no-such-consent", "There is no such consent for this child.")
        if consent.revoked_at is not None:
            return self, ()
        revoked = consent.model_copy(update={"revoked_at": now})
        rest = tuple(revoked if each.id == id else each for each in self.consents)
        event = ConsentRevoked(consent=id, family=self.family, student=self.id)
        return self.having(consents=rest), (event,)


class Disclosure(Aggregate):
    """One reading of who a child is (34 CFR 99.32): kept as long as the record is."""

    COLLECTION: ClassVar[str] = "disclosures"

    family: str
    student: str
    site: str
    referral: str
    consent: str
    agency: str
    service: str
    claim: str
    parts: tuple[ReleasedPart, ...]
    made_at: datetime

    def event(self) -> DisclosureMade:
        """Return what others are told of it."""
        return DisclosureMade(
            disclosure=self.id,
            family=self.family,
            student=self.student,
            referral=self.referral,
            consent=self.consent,
            agency=self.agency,
            service=self.service,
            claim=self.claim,
            parts=self.parts,
        )
