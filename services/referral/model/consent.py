"""Consent to release (FERPA, 34 CFR 99.30): who may read which parts, for what, until when."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

from contracts.categories import Category
from contracts.codes import Audience, ReleasedPart
from contracts.consents import (
    ConsentExpired,
    ConsentExpiring,
    ConsentGranted,
    ConsentMethod,
    ConsentRevoked,
    ConsentStarted,
    DisclosureMade,
)
from contracts.event import Event
from services.chassis.aggregate import Aggregate
from services.chassis.errors import rule
from services.chassis.scan import Scan
from services.referral.model.consent_terms import Consent, Revocation
from services.referral.model.follow_up import local_date
from services.referral.model.rules import Rules

__all__ = ["Consent", "ConsentBook", "Disclosure"]

MOST = 200
"""Consents for one student; more are a mistake of whatever sends them."""


class ConsentBook(Aggregate):
    """All consents for one student; its id is the student's.

    Two rules keep a confidence (`docs/consent.md`):

    * A referral lives by the consent of those who may be told of it. One whose audience is the
      student stands on the student's own consents alone, one whose audience is a guardian on
      guardians'.
    * A need to which the student consented alone stays the student's: no other consent, given
      before or after, lets a guardian be told of it. Only the student lifts that, by a newer own
      consent with `guardian_may_know`.
    """

    COLLECTION: ClassVar[str] = "consents"

    family: str
    site: str
    zone: str = "America/Los_Angeles"
    consents: tuple[Consent, ...] = ()
    next_due: datetime | None = None

    @property
    def doubted(self) -> bool:
        """Whether one that nobody has taken back is in doubt (`model.doubt`)."""
        return any(
            each.doubted_since is not None and each.revocation is None for each in self.consents
        )

    def find(self, id: str) -> Consent | None:
        """Return one consent."""
        return next((consent for consent in self.consents if consent.id == id), None)

    def own(self, consent: Consent) -> bool:
        """Tell whether the student gave it alone."""
        return consent.given_by == self.id

    def confided(self, consent: Consent) -> bool:
        """Tell whether the student gave it alone and no guardian may know."""
        return self.own(consent) and not consent.guardian_may_know

    def confidential(self, category: Category) -> bool:
        """Tell whether this need is the student's own affair: the newest own consent decides.

        One that has ended decides too, or time alone would let a parent know; one that was entered
        wrongly never does. A paper that is not stored yet confides, and lifts nothing.
        """
        own = [
            each
            for each in self.consents
            if self.own(each)
            and category in each.categories
            and not each.mistaken
            and (self.confided(each) or not each.scan_missing)
        ]
        return bool(own) and self.confided(own[-1])

    def covering(
        self,
        category: Category,
        agency: str,
        audience: Audience,
        today: date,
        *,
        meets_need: bool = True,
    ) -> Consent | None:
        """Return a consent under which this agency may read of this need today.

        Args:
            category: the need.
            agency: who would read.
            audience: who may be told of the referral in question.
            today: local to the school.
            meets_need: the agency's service is for this kind of need; where it is not, only a
                consent that names the agency covers it.
        """
        return next(
            (
                each
                for each in self.consents
                if each.covers(category, agency, today, meets_need=meets_need)
                and self.counts(each, category, audience)
            ),
            None,
        )

    def held(
        self, category: Category, agency: str, audience: Audience, at: datetime
    ) -> Sequence[Consent]:
        """Return the consents that let this agency be told of this need at a past moment."""
        return [
            each
            for each in self.consents
            if each.held(at, self.zone)
            and each.names(category, agency)
            and self.counts(each, category, audience)
        ]

    def counts(self, consent: Consent, category: Category, audience: Audience) -> bool:
        """Tell whether a referral of this need with this audience may stand on a consent."""
        match audience:
            case Audience.STUDENT:
                return self.own(consent)
            case Audience.GUARDIAN:
                return not self.confided(consent)
            case _:
                return self.own(consent) or not self.confidential(category)

    def audience(self, category: Category, today: date) -> Audience:
        """Return who may be told: who consented decides. Nobody consented: nobody is told.

        A minor's own consent never reaches a parent's phone.
        """
        there = [
            each for each in self.consents if each.holds(today) and category in each.categories
        ]
        alone = any(self.own(each) for each in there)
        if self.confidential(category):
            return Audience.STUDENT if alone else Audience.NOBODY
        if any(not self.own(each) for each in there):
            return Audience.GUARDIAN
        return Audience.STUDENT if alone else Audience.NOBODY

    def released(self, consent: Consent) -> tuple[ReleasedPart, ...]:
        """Return the parts that are released under it.

        The family's contacts never are under a confidence: the agency would call a parent.
        """
        if not self.confided(consent):
            return consent.parts
        return tuple(each for each in consent.parts if each is not ReleasedPart.CONTACT)

    def grant(self, consent: Consent, rules: Rules) -> tuple["ConsentBook", Sequence[Event]]:
        """Return the book with one more consent, and what happened.

        Raises:
            EnlaceError: there are far too many already.
        """
        if len(self.consents) >= MOST:
            raise rule(
                "too-many-consents",
                f"This child has {MOST} consents already. Nothing was entered: tell the operator.",
                es=f"Este estudiante ya tiene {MOST} consentimientos. No se guardó nada: avise a "
                "quien opera el sistema.",
            )
        granted = ConsentGranted(
            consent=consent.id,
            family=self.family,
            student=self.id,
            categories=tuple(map(rules.on_topics, consent.categories)),
            agencies=consent.agencies,
            parts=consent.parts,
            method=consent.method,
            until=consent.until,
        )
        return self._with((*self.consents, consent), rules), (granted,)

    def revoke(
        self, id: str, revocation: Revocation, rules: Rules
    ) -> tuple["ConsentBook", Sequence[Event]]:
        """Return the book without effect of one consent; a repeat is no event.

        Raises:
            EnlaceError: there is no such consent.
        """
        consent = self.need(id)
        if consent.revocation is not None:
            return self, ()
        event = ConsentRevoked(consent=id, family=self.family, student=self.id)
        return self._changed(id, rules, revocation=revocation), (event,)

    def attach(
        self, id: str, scan: Scan, today: date, rules: Rules
    ) -> tuple["ConsentBook", Sequence[Event]]:
        """Return the book with the paper of one consent stored, from when on it holds.

        Args:
            id: of the consent.
            scan: what is remembered of the paper.
            today: local to the school.
            rules: the district's.

        Raises:
            EnlaceError: there is no such consent, or another paper is stored with it.
        """
        consent = self.need(id)
        if consent.scan is not None and consent.scan.fingerprint == scan.fingerprint:
            return self, ()
        if consent.method is not ConsentMethod.PAPER:
            raise rule(
                "no-paper",
                "This consent was not given on paper, so there is no scan to keep. Nothing was "
                "stored: enter the paper as a consent of its own.",
                es="Este consentimiento no se dio en papel, así que no hay copia que guardar. No "
                "se guardó nada: registre el papel como otro consentimiento.",
            )
        if consent.scan is not None:
            raise rule(
                "scan-there",
                "A scan is stored with this consent already, and what was signed is never "
                "replaced. If it is the wrong paper, enter the consent again with the right one "
                "and revoke this one as entered wrongly.",
                es="Este consentimiento ya tiene una copia guardada, y lo que se firmó nunca se "
                "reemplaza. Si es el papel equivocado, registre otra vez el consentimiento con "
                "el correcto y revoque este como registrado por error.",
            )
        stored = consent.model_copy(update={"scan": scan})
        if not stored.holds(today):
            return self._changed(id, rules, scan=scan), ()
        event = ConsentStarted(consent=id, family=self.family, student=self.id)
        return self._changed(id, rules, scan=scan, started=True), (event,)

    def need(self, id: str) -> Consent:
        """Return one consent.

        Raises:
            EnlaceError: there is no such consent.
        """
        consent = self.find(id)
        if consent is None:
            raise rule(
                "no-such-consent",
                "There is no such consent for this child.",
                es="No existe ese consentimiento para este estudiante.",
            )
        return consent

    def tick(self, now: datetime, rules: Rules) -> tuple["ConsentBook", Sequence[Event]]:
        """Let time pass: what has come since is told once, however long nobody looked."""
        today = local_date(now, self.zone)
        after: list[Consent] = []
        events: list[Event] = []
        for each in self.consents:
            passed = each if each.revocation is not None else each.passed(today, rules)
            events += self._brought(each, passed)
            after.append(passed)
        return self._with(tuple(after), rules), events

    def _brought(self, before: Consent, after: Consent) -> Sequence[Event]:
        """Return what is told; of a consent that has ended, only that."""
        ids = {"consent": before.id, "family": self.family, "student": self.id}
        if after.expired_told:
            return () if before.expired_told else (ConsentExpired(**ids),)
        events: list[Event] = []
        if after.started and not before.started:
            events.append(ConsentStarted(**ids))
        if after.expiring_told and not before.expiring_told:
            events.append(ConsentExpiring(**ids, until=before.until))
        return events

    def _changed(self, id: str, rules: Rules, **changes: object) -> "ConsentBook":
        rest = tuple(
            each.model_copy(update=changes) if each.id == id else each for each in self.consents
        )
        return self._with(rest, rules)

    def _with(self, consents: tuple[Consent, ...], rules: Rules) -> "ConsentBook":
        moments = [due for each in consents if (due := each.next_due(self.zone, rules)) is not None]
        return self.having(consents=consents, next_due=min(moments, default=None))


class Disclosure(Aggregate):
    """One reading of who a child is (34 CFR 99.32): kept as long as the record is.

    Attributes:
        consent: id of the consent; None where staff told it without one (`model.hand_off`).
        meets_need: the service was for this kind of need, so that a consent without names covered
            it too.
        reader: account of who read it at the agency; None where a code did, or staff told it.
        made_at: when the agency was told.
        recorded_at: when it was written down; later than `made_at` for what staff told by word.
    """

    COLLECTION: ClassVar[str] = "disclosures"

    family: str
    student: str
    site: str
    referral: str
    consent: str | None
    agency: str
    service: str
    claim: str
    parts: tuple[ReleasedPart, ...]
    meets_need: bool = True
    reader: str | None = None
    made_at: datetime
    recorded_at: datetime

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
            made_at=self.made_at,
        )
