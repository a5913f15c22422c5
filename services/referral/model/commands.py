"""What can be asked of a referral that exists. Imperative; one frozen class each."""

from dataclasses import dataclass
from datetime import date, datetime

from contracts.categories import Category
from contracts.codes import (
    Audience,
    CancelReason,
    DeclineReason,
    ErrorReason,
    HoldReason,
    Outcome,
    Progress,
    ReplyCode,
    Urgency,
)
from contracts.referrals import Bands, Candidate, QuestionAnswer, Waits
from services.referral.model.follow_up_commands import FollowUpCommand

NOTHING_KNOWN = Waits()


@dataclass(frozen=True, slots=True)
class Offer:
    """Ask several services without identity; the first valid claim wins."""

    candidates: tuple[Candidate, ...]
    bands: Bands
    answer_by: datetime
    waits: Waits = NOTHING_KNOWN


@dataclass(frozen=True, slots=True)
class Request:
    """Ask one service; `batch` where it is one of many that are asked for at once."""

    candidate: Candidate
    bands: Bands
    answer_by: datetime
    waits: Waits = NOTHING_KNOWN
    batch: str | None = None


@dataclass(frozen=True, slots=True)
class AskMore:
    """Ask further services while others are asked: at once, or at `opens_at`."""

    candidates: tuple[Candidate, ...]
    answer_by: datetime
    opens_at: datetime | None = None
    waits: Waits = NOTHING_KNOWN


@dataclass(frozen=True, slots=True)
class WithdrawOffer:
    """One agency's answer is needed no more; `last`: nobody is asked any more, as of `wave`."""

    candidate: Candidate
    round: int
    wave: int
    last: bool


@dataclass(frozen=True, slots=True)
class AnswerQuestion:
    """The school answers what an agency wants to know before it says yes or no.

    Attributes:
        answer_by: until when that agency may answer now; None: as before.
        others_wait: another question of the same agency still waits.
    """

    question: str
    offer: str
    agency: str
    answer: QuestionAnswer
    by: str
    answer_by: datetime | None = None
    others_wait: bool = False


@dataclass(frozen=True, slots=True)
class StopWaves:
    """Nobody further is asked: the consents that it stands on are in doubt."""


@dataclass(frozen=True, slots=True)
class DropWave:
    """A planned wave is not asked; `last`: nobody is asked any more, as of the wave `latest`."""

    candidates: tuple[Candidate, ...]
    round: int
    wave: int
    latest: int
    last: bool


@dataclass(frozen=True, slots=True)
class Correct:
    """What was written down was wrong.

    Attributes:
        audience: who may be told of a need of this category.
        reworded: the words are others too.
    """

    category: Category
    urgency: Urgency
    audience: Audience
    reworded: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """An agency has said yes, or a seat came free at one that had the child wait.

    Attributes:
        consented: a consent covers it now.
        held_until: how long its seat waits for one; None: as long as the district's rules say.
    """

    claim: str
    service: str
    agency: str
    round: int
    consented: bool
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class HonourConsent:
    """Consent has come for a claim that waits for it."""


@dataclass(frozen=True, slots=True)
class Inform:
    """Consents say now who may be told of it."""

    audience: Audience


@dataclass(frozen=True, slots=True)
class LoseConsent:
    """The consent that it stands on was taken back, and no other covers it."""


@dataclass(frozen=True, slots=True)
class NobodyTookIt:
    """The last agency of a round has declined; `wave` is the last one that was known then."""

    round: int
    reason: DeclineReason
    wave: int = 1


@dataclass(frozen=True, slots=True)
class Expire:
    """Nobody answered a round in time; `wave` is the last one that was known then."""

    round: int
    wave: int = 1


@dataclass(frozen=True, slots=True)
class Report:
    """The agency tells how it goes."""

    claim: str
    progress: Progress
    appointment: datetime | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class HandOver:
    """It was handed to a place outside the network."""

    hand_off: str


@dataclass(frozen=True, slots=True)
class CloseHandOff:
    """The coordinator has learned how it ended there."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Answer:
    """The family answers the question whether the help arrived."""

    reply: ReplyCode


@dataclass(frozen=True, slots=True)
class Cancel:
    """Give it up."""

    reason: CancelReason


@dataclass(frozen=True, slots=True)
class Recall:
    """Undo the sending, while nobody has acted. `acted`: an agency has answered already."""

    acted: bool


@dataclass(frozen=True, slots=True)
class Hold:
    """Let it rest; `until` is the last day, None until somebody says go on."""

    reason: HoldReason
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on after a rest."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Hand it to another coordinator, who may be at another school."""

    coordinator: str
    site: str


@dataclass(frozen=True, slots=True)
class EnterInError:
    """It should never have been."""

    reason: ErrorReason = ErrorReason.OTHER


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


Command = (
    Offer
    | Request
    | AskMore
    | WithdrawOffer
    | AnswerQuestion
    | StopWaves
    | DropWave
    | Correct
    | Claim
    | HonourConsent
    | Inform
    | LoseConsent
    | NobodyTookIt
    | Expire
    | Report
    | HandOver
    | CloseHandOff
    | Answer
    | Cancel
    | Recall
    | Hold
    | Resume
    | Transfer
    | EnterInError
    | Tick
    | FollowUpCommand
)
