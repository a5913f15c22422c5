"""An invented referral, and the school that plays its part in it. Pure."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar, NamedTuple

from contracts.code import Code
from contracts.codes import CancelReason, HoldReason, Outcome, Progress, RefusalReason
from contracts.event import Event
from contracts.offerings import (
    OfferClaimed,
    OfferDeclined,
    OfferingExpired,
    OfferPromoted,
    ProgressReported,
)
from contracts.referrals import (
    ReferralAccepted,
    ReferralAwaitingConsent,
    ReferralCancelled,
    ReferralClaimRefused,
    ReferralCompleted,
    ReferralDisputed,
    ReferralFailed,
    ReferralOnHold,
    ReferralResumed,
    ReferralScheduled,
    ReferralStarted,
    ReferralVerified,
)
from services.chassis.aggregate import Aggregate, Change
from services.chassis.errors import EnlaceError, rule

HELD_FOR = timedelta(days=2)
"""How long a seat waits for a consent that is missing."""

KEPT = timedelta(days=31)
"""How long what was played is kept."""


class Consent(Code):
    """Whether the invented family has consented when the agency says yes."""

    GIVEN = "given"
    MISSING = "missing"
    REFUSED = "refused"


class Says(Code):
    """What the school, or the family, does next."""

    CONSENTS = "consents"
    REFUSES = "refuses"
    CANCELS = "cancels"
    PAUSES = "pauses"
    RESUMES = "resumes"
    CONFIRMS = "confirms"
    DISPUTES = "disputes"


class Stage(Code):
    """How far an invented referral has come, as the school knows it."""

    ASKED = "asked"
    AWAITING_CONSENT = "awaiting-consent"
    ACCEPTED = "accepted"
    ON_HOLD = "on-hold"
    COMPLETED = "completed"
    ENDED = "ended"


class Invented(Aggregate):
    """An invented referral.

    Attributes:
        claim: the one that the school has last heard of.
        fingerprint: keyed hash of the body that made it.
    """

    COLLECTION: ClassVar[str] = "invented"
    STAMPED: ClassVar[bool] = True

    agency: str
    service: str
    site: str
    consent: Consent
    stage: Stage = Stage.ASKED
    claim: str = ""
    made_at: datetime
    fingerprint: str = ""

    def said(self, says: Says) -> Change["Invented"]:
        """Return what comes of what the school or the family does.

        Raises:
            EnlaceError: it cannot, as far as the referral has come.
        """
        turn = _TURNS[says]
        if self.stage not in turn.at:
            raise _not_now(says, self.stage)
        after = self.having(stage=turn.to)
        return Change(after, [after], [turn.event(self)], self.site)

    def heard(self, event: Event, now: datetime) -> Change[None]:
        """Return what the school makes of what the agency does, as it would of a real child's."""
        stage, claim = self.stage, self.claim
        events: tuple[Event, ...] = ()
        match event:
            case OfferDeclined() | OfferingExpired() if self.stage is Stage.ASKED:
                stage = Stage.ENDED
            case OfferClaimed() | OfferPromoted() if self.stage is Stage.ASKED:
                claim = event.claim
                stage, events = self._answer(claim, now)
            case ProgressReported() if event.claim == self.claim and self.stage in _WITH_AGENCY:
                stage, events = self._progress(event)
        after = self.having(stage=stage, claim=claim)
        return Change(None, [after] if after != self else [], events, self.site)

    def _answer(self, claim: str, now: datetime) -> tuple[Stage, tuple[Event, ...]]:
        taken = self.having(claim=claim)
        match self.consent:
            case Consent.GIVEN:
                return Stage.ACCEPTED, (taken.accepted(),)
            case Consent.MISSING:
                asked = ReferralAwaitingConsent(
                    referral=self.id,
                    claim=claim,
                    service=self.service,
                    agency=self.agency,
                    held_until=now + HELD_FOR,
                )
                return Stage.AWAITING_CONSENT, (asked,)
            case _:
                return Stage.ENDED, (taken.refused(),)

    def _progress(self, event: ProgressReported) -> tuple[Stage, tuple[Event, ...]]:
        id, claim = self.id, self.claim
        match event.progress:
            case Progress.SCHEDULED if event.appointment is not None:
                at = event.appointment
                return self.stage, (ReferralScheduled(referral=id, claim=claim, appointment=at),)
            case Progress.STARTED:
                return self.stage, (ReferralStarted(referral=id, claim=claim),)
            case Progress.COMPLETED:
                came = event.outcome or Outcome.NEED_MET
                return Stage.COMPLETED, (ReferralCompleted(referral=id, claim=claim, outcome=came),)
            case Progress.NO_SHOW | Progress.COULD_NOT_CONTACT:
                came = Outcome(event.progress.value)
                return Stage.ENDED, (ReferralFailed(referral=id, claim=claim, outcome=came),)
            case _:
                return self.stage, ()

    def accepted(self) -> ReferralAccepted:
        """Return the school's yes to the claim."""
        return ReferralAccepted(
            referral=self.id, claim=self.claim, service=self.service, agency=self.agency
        )

    def refused(self) -> ReferralClaimRefused:
        """Return the school's no to the claim: the family does not consent."""
        return ReferralClaimRefused(
            referral=self.id, claim=self.claim, reason=RefusalReason.NO_CONSENT
        )


class _Turn(NamedTuple):
    """What the school or the family does: from which stages, to which, and how it is told."""

    at: frozenset[Stage]
    to: Stage
    event: Callable[[Invented], Event]


_UNDER_WAY = frozenset({Stage.ASKED, Stage.AWAITING_CONSENT, Stage.ACCEPTED, Stage.ON_HOLD})
_WITH_AGENCY = frozenset({Stage.ACCEPTED, Stage.ON_HOLD})
_ASKED_FOR = frozenset({Stage.AWAITING_CONSENT})
_DONE = frozenset({Stage.COMPLETED})

_TURNS = {
    Says.CONSENTS: _Turn(_ASKED_FOR, Stage.ACCEPTED, Invented.accepted),
    Says.REFUSES: _Turn(_ASKED_FOR, Stage.ENDED, Invented.refused),
    Says.CANCELS: _Turn(
        _UNDER_WAY,
        Stage.ENDED,
        lambda own: ReferralCancelled(referral=own.id, reason=CancelReason.FAMILY_WITHDREW),
    ),
    Says.PAUSES: _Turn(
        frozenset({Stage.ACCEPTED}),
        Stage.ON_HOLD,
        lambda own: ReferralOnHold(referral=own.id, reason=HoldReason.FAMILY_ASKED),
    ),
    Says.RESUMES: _Turn(
        frozenset({Stage.ON_HOLD}),
        Stage.ACCEPTED,
        lambda own: ReferralResumed(referral=own.id),
    ),
    Says.CONFIRMS: _Turn(_DONE, Stage.ENDED, lambda own: ReferralVerified(referral=own.id)),
    Says.DISPUTES: _Turn(_DONE, Stage.ENDED, lambda own: ReferralDisputed(referral=own.id)),
}


def _not_now(says: Says, stage: Stage) -> EnlaceError:
    may = ", ".join(each for each, turn in _TURNS.items() if stage in turn.at) or "nothing"
    return rule(
        "not-now",
        f"The invented referral is {stage}, where nobody {says}. Nothing was changed: now may come "
        f"{may}; what the agency does comes by its own system.",
        es=f"La derivación inventada está en {stage}: ahora no cabe {says}. No se cambió nada: "
        f"cabe {may}; lo que hace la agencia llega por su propio sistema.",
    )
