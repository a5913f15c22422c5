"""What becomes of a referral when consents come, or the one that it stands on is taken back."""

from collections.abc import Sequence

from contracts.codes import CancelReason, RefusalReason
from contracts.event import Event
from contracts.referrals import (
    ReferralAudienceChanged,
    ReferralCancelled,
    ReferralClaimRefused,
)
from services.referral.model.commands import Inform
from services.referral.model.decide.common import WROTE, all_done
from services.referral.model.referral import OPEN, Referral, State


def inform(referral: Referral, command: Inform) -> Sequence[Event]:
    """Let who may be told follow the consents; see `ConsentBook.audience`."""
    if referral.audience is command.audience:
        return ()
    return (ReferralAudienceChanged(referral=referral.id, audience=command.audience),)


def lose_consent(referral: Referral) -> Sequence[Event]:
    """Give up what an agency knows of or was asked for; a draft, of which nobody knows, stays.

    An accepted one is cancelled and not put on hold: on hold the agency would keep the child's
    seat, and the purpose for which it may keep what it read. Who consents again is referred again.
    """
    asked = referral.state is State.REQUESTED and (referral.claim or referral.candidates)
    if referral.state not in OPEN - {State.DRAFT, State.REQUESTED} and not asked:
        return ()
    claim = referral.claim
    refused: tuple[Event, ...] = ()
    if claim is not None and claim.held_until is not None and referral.state is State.REQUESTED:
        refused = (
            ReferralClaimRefused(
                referral=referral.id, claim=claim.id, reason=RefusalReason.NO_CONSENT
            ),
        )
    return (
        *refused,
        ReferralCancelled(referral=referral.id, reason=CancelReason.CONSENT_REVOKED),
        *all_done(referral, besides=WROTE),
    )
