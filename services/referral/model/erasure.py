"""Erasure: all that is known of a family is forgotten, in every service. Pure.

An erasure goes on by itself once it is ordered, step by step, and every step can be done again:
ordered, wound up (consents revoked, open referrals cancelled), forgotten (documents emptied, events
told, keys destroyed), complete (every service has confirmed).
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from contracts.code import Code
from contracts.codes import Language, Relation, Urgency
from contracts.consents import FamilyErased
from contracts.people import PersonErased
from contracts.sealed import Sealed
from services.chassis.aggregate import Aggregate
from services.chassis.errors import rule
from services.referral.model.follow_up import local_date
from services.referral.model.people import Contact, Family, Student
from services.referral.model.protection import ProtectionReport, Step
from services.referral.model.referral import Referral

UNMET_CRISIS_KEEPS = timedelta(days=30)
"""How long a crisis in which nobody helped keeps an erasure back."""

CONFIRMING = ("notify", "partner", "reporting")
"""The services that forget and say so; referral itself does it in its own transaction."""

NOTHING = Sealed.of(b"\0")
"""What stands where a sealed value was: no vault opens it."""


class ErasureReason(Code):
    """Why a family is erased."""

    FAMILY_ASKED = "family-asked"
    RETENTION = "retention"
    ENTERED_WRONGLY = "entered-wrongly"
    COURT_ORDER = "court-order"


class HoldReason(Code):
    """Why records must stay though somebody asked for their erasure."""

    LITIGATION = "litigation"
    RECORDS_REQUEST = "records-request"
    INVESTIGATION = "investigation"
    AUDIT = "audit"
    OTHER = "other"


class BlockedBy(StrEnum):
    """What keeps an erasure back."""

    LEGAL_HOLD = "legal-hold"
    OPEN_CRISIS = "open-crisis"
    OPEN_PROTECTION_MATTER = "open-protection-matter"


class Hold(Aggregate):
    """A hold on a family's records. `until`: its last day; None while nobody lifts it."""

    COLLECTION: ClassVar[str] = "holds"

    family: str
    site: str
    reason: HoldReason
    until: date | None
    set_at: datetime
    set_by: str
    fingerprint: str
    lifted_at: datetime | None = None
    lifted_by: str | None = None

    def need_to_come(self, today: date) -> None:
        """Let a hold pass that would hold anything.

        Raises:
            EnlaceError: its last day has passed.
        """
        if self.until is not None and self.until < today:
            raise rule(
                "date-has-passed",
                "The last day of this hold has passed already, so that it would hold nothing. "
                "Nothing was entered: give a day that is still to come, or none to hold the "
                "records until somebody lifts it.",
                es="El último día de esta retención ya pasó, así que no retendría nada. No se "
                "guardó nada: dé un día que todavía no llega, o ninguno para retener los "
                "expedientes hasta que alguien la levante.",
            )

    def holds(self, today: date) -> bool:
        """Tell whether it stands today."""
        return self.lifted_at is None and (self.until is None or today <= self.until)


class ErasureState(StrEnum):
    """How far an erasure is."""

    ORDERED = "ordered"
    FORGOTTEN = "forgotten"
    COMPLETE = "complete"


class Confirmation(BaseModel):
    """A service's word that it holds nothing of the family any more."""

    model_config = ConfigDict(frozen=True)

    service: str
    at: datetime


class Erasure(Aggregate):
    """The erasure of one family.

    Attributes:
        persons: ids of its students and contacts, known once it is forgotten.
        referrals: ids of its students' referrals.
        scans: stored papers that are still to be removed.
        ordered_by: subject of who did; `referral` where the ledger repeats it after a restore.
        keys_destroyed_at: from a minute after on no process has a key in its memory.
        confirmations: of the other services.
    """

    COLLECTION: ClassVar[str] = "erasures"

    family: str
    site: str
    reason: ErasureReason
    ordered_at: datetime
    ordered_by: str
    fingerprint: str
    persons: tuple[str, ...] = ()
    referrals: tuple[str, ...] = ()
    scans: tuple[str, ...] = ()
    state: ErasureState = ErasureState.ORDERED
    forgotten_at: datetime | None = None
    keys_destroyed_at: datetime | None = None
    confirmations: tuple[Confirmation, ...] = ()
    completed_at: datetime | None = None

    def told(self) -> list[PersonErased | FamilyErased]:
        """Return what the other services are told."""
        people = [PersonErased(person=each, family=self.family) for each in self.persons]
        whole = FamilyErased(
            erasure=self.id, family=self.family, persons=self.persons, referrals=self.referrals
        )
        return [*people, whole]

    @property
    def missing(self) -> tuple[str, ...]:
        """The services that have not confirmed yet."""
        there = {each.service for each in self.confirmations}
        return tuple(each for each in CONFIRMING if each not in there)

    def confirmed(self, service: str, now: datetime) -> "Erasure":
        """Return it with a service's word; complete once all have given theirs."""
        if service not in self.missing:
            return self
        after = self.having(
            confirmations=(*self.confirmations, Confirmation(service=service, at=now))
        )
        done = after.state is ErasureState.FORGOTTEN and after.keys_destroyed_at is not None
        if after.missing or not done:
            return after
        return after.having(state=ErasureState.COMPLETE, completed_at=now)


def blocks(
    holds: Iterable[Hold],
    referrals: Iterable[Referral],
    reports: Iterable[ProtectionReport],
    today: date,
) -> tuple[BlockedBy, ...]:
    """Return what keeps an erasure back today.

    A crisis that ended without help does too for thirty days, unless another referral goes on
    from it: a family that is in it is not made to vanish, and one that was is not kept for ever.
    """
    needs = list(referrals)
    gone_on = {each.re_referral_of for each in needs if not each.given_up}
    found = []
    if any(each.holds(today) for each in holds):
        found.append(BlockedBy.LEGAL_HOLD)
    if any(
        (each.open and each.urgency is Urgency.CRISIS)
        or (each.crisis_unmet and each.id not in gone_on and _is_recent(each, today))
        for each in needs
    ):
        found.append(BlockedBy.OPEN_CRISIS)
    if any(each.step is not Step.NOTHING for each in reports):
        found.append(BlockedBy.OPEN_PROTECTION_MATTER)
    return tuple(found)


def _is_recent(referral: Referral, today: date) -> bool:
    return local_date(referral.since, referral.zone) + UNMET_CRISIS_KEEPS > today


def emptied(family: Family, now: datetime) -> Family:
    """Return a household of which nothing is left but its id and its school."""
    return family.having(
        contacts=tuple(map(_nobody, family.contacts)),
        former=tuple(map(_nobody, family.former)),
        erased_at=now,
    )


def _nobody(contact: Contact) -> Contact:
    return Contact(
        id=contact.id,
        relation=Relation.OTHER,
        reads=Language.ENGLISH,
        may_be_told=False,
        profile=NOTHING,
    )


def forgotten(student: Student, now: datetime) -> Student:
    """Return a child of whom nothing is left.

    The keyed hash of the school's own id stays: by it the next roster knows whom not to bring back.
    """
    return student.having(record=NOTHING, roster=None, said={}, schools=(), erased_at=now)
