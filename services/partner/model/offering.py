"""All offers of one referral, over all rounds of asking, and the claims made on it."""

from datetime import datetime
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict

from contracts.categories import Category
from contracts.code import Code
from contracts.codes import DeclineReason, Outcome, Progress, QuestionTopic
from contracts.referrals import Bands, Candidate, QuestionAnswer
from contracts.sealed import Sealed
from services.chassis.aggregate import Aggregate
from services.partner.model.capacity import capacity_id


class OfferState(Code):
    """Where one agency's offer stands."""

    OPEN = "open"
    WAITLISTED = "waitlisted"
    DECLINED = "declined"
    EXPIRED = "expired"
    TAKEN = "taken"
    WITHDRAWN = "withdrawn"
    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    FAILED = "failed"


PENDING = frozenset({OfferState.OPEN, OfferState.WAITLISTED})
"""The agency may still get the child."""

WITH_CHILD = frozenset({OfferState.ACCEPTED, OfferState.IN_PROGRESS})
"""The agency has the child, and its help has not ended."""

ENDED = frozenset({OfferState.COMPLETED, OfferState.FAILED})
"""The agency had the child, and told how its help ended."""


class ByHand(BaseModel):
    """An answer that the school recorded on an agency's behalf.

    Attributes:
        by: subject of who recorded it.
        said_by: who said it, sealed under the contact's key.
        said_at: when they said it.
        contested_at: when the agency said that this is not what it said.
    """

    model_config = ConfigDict(frozen=True)

    by: str
    said_by: Sealed
    said_at: datetime
    recorded_at: datetime
    contested_at: datetime | None = None


class Question(BaseModel):
    """What an agency wants to know before it answers, and what the school has answered.

    Attributes:
        mark: keyed hash of its words, so that the same ones again are no second question.
        words: what it wrote, sealed under the contact's key.
        answered_at: when the school's answer came in; None: not yet.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    topics: tuple[QuestionTopic, ...]
    asked_at: datetime
    mark: str = ""
    words: Sealed | None = None
    answer: QuestionAnswer | None = None
    answered_at: datetime | None = None


class Offer(BaseModel):
    """One service's offer.

    Attributes:
        site: the school whose seats it would use: the child's, when it was asked.
        contact: the person at the agency whom it went to; empty where there is nobody.
        nonce: from which that person's link is derived.
        words: what the agency wrote when it declined, sealed under the contact's key.
        asked_at: when it went out; None for one that could not, and for one of an earlier release.
        answered_at: when the agency last answered.
        replied_at: when it first did, whatever it said; by telephone, when it was said.
        by_hand: where the school recorded its answer on its behalf.
        sibling: a child of the same household is or was with the service.
        answer_by: until when this agency may answer.
        wave: of its round, with which it went out.
        remind_at: when an agency that has not answered is reminded; None: not, or it was already.
        reminded_at: when it was.
        questions: what the agency wanted to know before it answered, the oldest first.
        by_phone: somebody of the school calls it: no message asks it.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    round: int
    service: str
    agency: str
    site: str
    contact: str
    nonce: str
    state: OfferState = OfferState.OPEN
    reason: DeclineReason | None = None
    words: Sealed | None = None
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    replied_at: datetime | None = None
    by_hand: ByHand | None = None
    sibling: bool = False
    answer_by: datetime
    wave: int = 1
    remind_at: datetime | None = None
    reminded_at: datetime | None = None
    questions: tuple[Question, ...] = ()
    by_phone: bool = False

    @property
    def has_words(self) -> bool:
        """Whether its agency wrote any, or was told anything of the child."""
        return self.words is not None or any(
            each.words is not None or each.answer is not None for each in self.questions
        )

    def wordless(self) -> Self:
        """Return it without what its agency wrote, and what it was told of the child."""
        forgotten = {"words": None, "mark": "", "answer": None}
        asked = tuple(each.model_copy(update=forgotten) for each in self.questions)
        return self.model_copy(update={"words": None, "questions": asked})

    def is_late(self, now: datetime) -> bool:
        """Tell whether its time is over without an answer, whatever the sweep has seen of it."""
        return self.state is OfferState.OPEN and self.answer_by <= now


class Planned(BaseModel):
    """A wave that is asked later, unless somebody has claimed by then; no agency knows of it.

    Attributes:
        opens_at: when its agencies are asked.
        answer_by: until when they may answer, where they are asked in time.
        siblings: the services among them that a child of the same household is or was with.
    """

    model_config = ConfigDict(frozen=True)

    wave: int
    candidates: tuple[Candidate, ...]
    opens_at: datetime
    answer_by: datetime
    siblings: tuple[str, ...] = ()


class ClaimState(Code):
    """What referral has answered to a claim."""

    PENDING = "pending"
    AWAITING_CONSENT = "awaiting-consent"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    CANCELLED = "cancelled"


STANDING = frozenset({ClaimState.PENDING, ClaimState.AWAITING_CONSENT, ClaimState.ACCEPTED})


class Claim(BaseModel):
    """An agency's yes, and what became of it.

    Attributes:
        began_at: when it first told that the help had begun, or was over.
        accepted_at: when referral let it stand.
        completed_at: when the help was done, as the agency says: *partner-closed*.
        no_show_at: when it ended because the child did not come.
        verified_at: when the family said that the help arrived.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    offer: str
    made_at: datetime
    state: ClaimState = ClaimState.PENDING
    progress: Progress | None = None
    appointment: datetime | None = None
    outcome: Outcome | None = None
    began_at: datetime | None = None
    accepted_at: datetime | None = None
    completed_at: datetime | None = None
    no_show_at: datetime | None = None
    verified_at: datetime | None = None


class IdentityCode(BaseModel):
    """A one-time code that is out. The code itself is derived from `nonce`, never stored."""

    model_config = ConfigDict(frozen=True)

    offer: str
    nonce: str
    requested_at: datetime
    expires: datetime
    wrong: int = 0
    spent: bool = False


class Offering(Aggregate):
    """The offers of a referral; the id is the referral's.

    Attributes:
        round: the present one; offers of earlier rounds are kept, so that their links still tell.
        priority: of the referral, for a waitlist; 0 goes first.
        tier: of the child's support, for a waitlist, 1 to 3; None where none was told.
        answer_by: of the present round, the latest; each offer has its own.
        wave: the last one that joined the present round.
        planned: waves of the present round that are still to be asked, the next one first.
        expired: whether nobody answered this round in time.
        in_error: it should never have been; no number counts it.
        codes: one-time codes of the last hour, newest last.
        next_due: when an unanswered offer is reminded of or expires.
        waves_due: when the next planned wave is asked.
    """

    COLLECTION: ClassVar[str] = "offerings"

    site: str
    category: Category
    bands: Bands
    round: int
    priority: int
    tier: int | None = None
    answer_by: datetime
    offers: tuple[Offer, ...] = ()
    claims: tuple[Claim, ...] = ()
    wave: int = 1
    planned: tuple[Planned, ...] = ()
    expired: bool = False
    in_error: bool = False
    codes: tuple[IdentityCode, ...] = ()
    next_due: datetime | None = None
    waves_due: datetime | None = None

    def offer(self, id: str) -> Offer | None:
        """Return one offer."""
        return next((offer for offer in self.offers if offer.id == id), None)

    def claim(self, id: str) -> Claim | None:
        """Return one claim."""
        return next((claim for claim in self.claims if claim.id == id), None)

    def claim_of(self, offer: str) -> Claim | None:
        """Return the last claim made by an offer."""
        return next((claim for claim in reversed(self.claims) if claim.offer == offer), None)

    @property
    def standing(self) -> tuple[tuple[Claim, Offer], ...]:
        """The claims that hold the child's place, with their offers; one, as a rule."""
        return tuple(
            (claim, offer)
            for claim in self.claims
            if claim.state in STANDING and (offer := self.offer(claim.offer)) is not None
        )

    @property
    def pending(self) -> tuple[Offer, ...]:
        """The offers that may still get the child."""
        return tuple(offer for offer in self.offers if offer.state in PENDING)

    def seats_of(self, offer: Offer) -> str:
        """Return the id of the seats that an offer would use."""
        return capacity_id(offer.service, offer.site)

    def with_offer(self, id: str, **changes: Any) -> Self:
        """Return it with one offer changed, and the due time that follows."""
        return self._due(offers=_changed(self.offers, id, changes))

    def replied(self, offer: Offer, now: datetime, **changes: Any) -> Self:
        """Return it with an answer of the agency's to one offer."""
        at = offer.replied_at or now
        return self.with_offer(offer.id, answered_at=now, replied_at=at, **changes)

    def with_claim(self, id: str, **changes: Any) -> Self:
        """Return it with one claim changed."""
        return self._due(claims=_changed(self.claims, id, changes))

    def with_new(self, *, offers: tuple[Offer, ...] = (), claims: tuple[Claim, ...] = ()) -> Self:
        """Return it with further offers and claims."""
        return self._due(offers=(*self.offers, *offers), claims=(*self.claims, *claims))

    def planning(self, *planned: Planned) -> Self:
        """Return it with these waves, and no others, to be asked later."""
        return self._due(planned=tuple(sorted(planned, key=lambda each: each.opens_at)))

    def hurried(self, now: datetime) -> Self:
        """Return it with the next wave asked now where nobody is left who may still answer."""
        if not self.planned or self.pending:
            return self
        first, *others = self.planned
        at = min(first.opens_at, now)
        return self.planning(first.model_copy(update={"opens_at": at}), *others)

    @property
    def over(self) -> bool:
        """Whether nobody may still get the child, and nobody is asked later."""
        return not self.pending and not self.planned

    def _due(self, **changes: Any) -> Self:
        after = self.having(**changes)
        waiting = [each for each in after.offers if each.state is OfferState.OPEN]
        moments = [each.remind_at or each.answer_by for each in waiting]
        return after.having(
            next_due=min(moments, default=None),
            waves_due=min((each.opens_at for each in after.planned), default=None),
        )


def _changed(items: tuple[Any, ...], id: str, changes: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(each.model_copy(update=changes) if each.id == id else each for each in items)
