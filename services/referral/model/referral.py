"""A referral and its states, after HL7 Gravity SDOH Clinical Care (FHIR R4 Task)."""

from datetime import date, datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from contracts.categories import Category
from contracts.code import Code
from contracts.codes import (
    Audience,
    CancelReason,
    DeclineReason,
    ErrorReason,
    HoldReason,
    Outcome,
    Urgency,
)
from contracts.referrals import Bands, Candidate
from contracts.sealed import Sealed
from services.chassis.aggregate import Aggregate
from services.referral.model.follow_up import FollowUp


class State(Code):
    """FHIR R4 Task status, as far as Gravity uses it."""

    DRAFT = "draft"
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    IN_PROGRESS = "in-progress"
    ON_HOLD = "on-hold"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered-in-error"


OPEN = frozenset({State.DRAFT, State.REQUESTED, State.ACCEPTED, State.IN_PROGRESS, State.ON_HOLD})
WITH_AGENCY = frozenset({State.ACCEPTED, State.IN_PROGRESS, State.ON_HOLD})


NOBODY = ""
"""As coordinator: none yet; it waits for one of its school."""


class BusinessStatus(Code):
    """Refines a state without adding one."""

    OFFERED = "offered"
    WAITLISTED = "waitlisted"
    AWAITING_CONSENT = "awaiting-consent"
    APPOINTMENT_SCHEDULED = "appointment-scheduled"
    AWAITING_FAMILY = "awaiting-family"
    DISPUTED = "disputed"
    FAMILY_VERIFIED = "family-verified"
    NOT_VERIFIED = "not-verified"


ASKING = frozenset({BusinessStatus.AWAITING_FAMILY, BusinessStatus.DISPUTED})
"""The agency's part is over, and the family's word that the help arrived is missing."""


class Claim(BaseModel):
    """Which agency has taken it, by which claim. `held_until` while consent is missing."""

    model_config = ConfigDict(frozen=True)

    id: str
    service: str
    agency: str
    held_until: datetime | None = None


class Referral(Aggregate):
    """One child's way to one kind of help.

    Attributes:
        coordinator: who leads; `NOBODY` while it waits for one of its new school.
        need: the coordinator's words, sealed under the student's key.
        round: of asking agencies, the last one; 0 before the first.
        wave: of the present round, the last one that was added to it; 1 while none was.
        planned: its waves that were to be asked later, as far as is known here; partner asks them.
        recalled: the last round that was taken back; 0: none was.
        since: when `state` or `business` last changed, or it was last asked for.
        next_due: the earliest moment at which time alone changes something.
        answer_by: until when the agencies that were asked may answer.
        silences: offers of it that expired without an answer.
        calls_from: from when on it calls for somebody (`model.today`); None: not at all.
        calls_until: until when it does; set whenever `calls_from` is.
        nonce: from which the family's link is derived.
        held_until: last day of a hold, local to `zone`.
        wakes_at: when a hold with a last day ends by itself.
        re_referral_of: the referral that this one follows.
        duplicate_of: the one of the same need that was open already when this was written down.
        despite_duplicate: why it was wanted all the same, in words sealed under the student's key.
    """

    COLLECTION: ClassVar[str] = "referrals"

    student: str
    family: str
    site: str
    zone: str
    category: Category
    urgency: Urgency
    audience: Audience
    coordinator: str
    need: Sealed
    nonce: str
    marks: Sealed | None = None
    fingerprint: str
    created_at: datetime
    since: datetime
    state: State = State.DRAFT
    business: BusinessStatus | None = None
    round: int = 0
    wave: int = 1
    planned: tuple[int, ...] = ()
    recalled: int = 0
    bands: Bands | None = None
    candidates: tuple[Candidate, ...] = ()
    claim: Claim | None = None
    appointment: datetime | None = None
    held_until: date | None = None
    wakes_at: datetime | None = None
    re_referral_of: str | None = None
    duplicate_of: str | None = None
    despite_duplicate: Sealed | None = None
    outcome: Outcome | None = None
    reason: DeclineReason | CancelReason | HoldReason | ErrorReason | None = None
    follow_ups: tuple[FollowUp, ...] = ()
    next_due: datetime | None = None
    answer_by: datetime | None = None
    silences: int = 0
    calls_from: datetime | None = None
    calls_until: datetime | None = None

    @property
    def handed_off(self) -> bool:
        """Whether a place outside the network has it: no agency of ours is its own claim."""
        return self.claim is not None and self.claim.agency == self.claim.id

    def meets_need(self, service: str) -> bool:
        """Tell whether a service is for this kind of need, as the directory said at the asking.

        One that is not was asked because a consent names its agency, and stands on such alone.
        """
        return not any(each.other_need for each in self.candidates if each.service == service)

    @property
    def unasked(self) -> bool:
        """Whether no agency is asked just now, nor has been told: not yet, or once more."""
        sent = bool(self.candidates) or self.claim is not None
        return self.state is State.DRAFT or (self.state is State.REQUESTED and not sent)

    def asks(self, candidate: Candidate) -> bool:
        """Tell whether a service is among those that are asked, or are to be asked."""
        wanted = (candidate.service, candidate.agency)
        return any((each.service, each.agency) == wanted for each in self.candidates)

    @property
    def crisis_unmet(self) -> bool:
        """Whether it is a crisis that nobody has taken or helped in, asked or answered as it be.

        It does not end with the last agency's no: only another referral that goes on from it does.
        """
        if self.urgency is not Urgency.CRISIS:
            return False
        asking = self.state in {State.DRAFT, State.REQUESTED} and self.claim is None
        return asking or self.state in {State.REJECTED, State.FAILED}

    @property
    def given_up(self) -> bool:
        """Whether it was called off, or should never have been."""
        return self.state in {State.CANCELLED, State.ENTERED_IN_ERROR}

    @property
    def open(self) -> bool:
        """Whether anything is still to come."""
        return self.state in OPEN

    def given_to(self, subject: str) -> tuple[str, ...]:
        """Return ids of the follow-ups that were given to somebody and that somebody must see to.

        Those of its own coordinator are given to nobody.
        """
        if subject == self.coordinator:
            return ()
        return tuple(each.id for each in self.follow_ups if each.waits and each.owner == subject)

    @property
    def needs_owner(self) -> bool:
        """Whether somebody may have to see to it: it is open, its family is asked, or it calls."""
        return self.open or self.business in ASKING or self.calls_until is not None
