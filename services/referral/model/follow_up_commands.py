"""What can be asked of a follow-up. Imperative; one frozen class each."""

from dataclasses import dataclass
from datetime import date

from contracts.codes import ReplyCode
from contracts.follow_ups import FollowUpCause, FollowUpKind, SnoozeReason


@dataclass(frozen=True, slots=True)
class FinishFollowUp:
    """Somebody has seen to it. `reply`: what the family said, where it was asked something."""

    follow_up: str
    by: str
    reply: ReplyCode | None = None


@dataclass(frozen=True, slots=True)
class SnoozeFollowUp:
    """Put it off to a local date."""

    follow_up: str
    due_on: date
    reason: SnoozeReason
    by: str


@dataclass(frozen=True, slots=True)
class ReassignFollowUp:
    """Give it to somebody else."""

    follow_up: str
    owner: str
    by: str


@dataclass(frozen=True, slots=True)
class AskForCall:
    """Somebody did not get a message, or wants none: they are to be called.

    Attributes:
        about: the offer whose agency it is, where it is about one.
    """

    kind: FollowUpKind
    because: FollowUpCause
    about: str | None = None


@dataclass(frozen=True, slots=True)
class CallNotNeeded:
    """What somebody was to be called for has settled itself; `about` as it was asked for."""

    because: FollowUpCause
    about: str | None = None


FollowUpCommand = FinishFollowUp | SnoozeFollowUp | ReassignFollowUp | AskForCall | CallNotNeeded
