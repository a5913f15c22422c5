"""A referral as the referral service tells it. What a later release adds is left aside."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict


class FollowUp(BaseModel):
    """When somebody must look again."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str = ""
    kind: str
    due_on: date
    state: str

    @property
    def waits(self) -> bool:
        """Whether its day has come and nobody has acted."""
        return self.state in {"due", "overdue"}

    @property
    def open(self) -> bool:
        """Whether it is still to be seen to, today or later."""
        return self.state != "done"


class Candidate(BaseModel):
    """A service that was asked."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    service: str
    agency: str


class Emergency(BaseModel):
    """What to do at once in a crisis, as the district has laid it down."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    procedure: dict[str, str]
    hotline: str

    def steps(self, language: str) -> list[str]:
        """Return what to do, one step each; in English where it is not written in a language."""
        text = self.procedure.get(language) or self.procedure.get("en", "")
        return [line.strip() for line in text.splitlines() if line.strip()]


class Referral(BaseModel):
    """One child's way to one kind of help."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    id: str
    version: int
    site: str
    student: str
    name: str
    grade: str | None = None
    category: str
    urgency: str
    state: str
    business: str | None = None
    outcome: str | None = None
    reason: str | None = None
    since: datetime
    created_at: datetime
    round: int = 0
    candidates: tuple[Candidate, ...] = ()
    agency: str | None = None
    service: str | None = None
    hand_off: str | None = None
    audience: str = "guardian"
    coordinator: str | None = None
    covered_by: str | None = None
    re_referral_of: str | None = None
    duplicate_of: str | None = None
    despite_duplicate: str | None = None
    held_until: date | None = None
    appointment: datetime | None = None
    need: str | None = None
    follow_ups: tuple[FollowUp, ...] = ()
    emergency: Emergency | None = None

    @property
    def agencies(self) -> tuple[str, ...]:
        """The agency that has taken it, otherwise those that were asked."""
        asked = dict.fromkeys(each.agency for each in self.candidates)
        return (self.agency,) if self.agency else tuple(asked)

    @property
    def claimed(self) -> bool:
        """Whether an agency has said yes, or a place outside the network has it."""
        return self.agency is not None or self.hand_off is not None

    @property
    def over(self) -> bool:
        """Whether nothing more is done about it."""
        return self.state in {"rejected", "failed", "completed", "cancelled", "entered-in-error"}


class Entry(BaseModel):
    """One line of a timeline."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    at: datetime
    what: str
    about: dict[str, str] = {}


class Message(BaseModel):
    """One text or mail of a conversation; `text` is None once the person was erased."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    outgoing: bool
    at: datetime
    text: str | None = None
    language: str | None = None
    state: str | None = None
    crisis: bool = False
    pictures: int = 0
