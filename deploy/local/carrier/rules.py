"""What goes wrong, for whom and how often. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Annotated, Literal, TypeVar, assert_never

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from deploy.local.carrier.errors import is_failure
from deploy.local.carrier.model import Status


class Of(StrEnum):
    """Which webhooks a rule is about: those of texts to the family, or from it."""

    CALLBACKS = "callbacks"
    INBOUND = "inbound"


class _Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    match: str = Field(default="*", min_length=1, max_length=64)
    contains: str | None = Field(default=None, min_length=1, max_length=1600)
    times: int | None = Field(default=None, ge=1)
    of: Of = Of.CALLBACKS

    def applies(self, of: Of, phone: str, body: str) -> bool:
        """Whether this text of this phone, to the family or from it, is meant."""
        return (
            self.of is of
            and fnmatchcase(phone, self.match)
            and (self.contains is None or self.contains in body)
        )


class _OutboundRule(_Rule):
    of: Literal[Of.CALLBACKS] = Of.CALLBACKS


class Fail(_OutboundRule):
    """Refuse the request, or accept it and fail to deliver, as the code says."""

    action: Literal["fail"]
    code: int = Field(ge=10_000, le=99_999)
    status: Literal[Status.UNDELIVERED, Status.FAILED] = Status.UNDELIVERED
    http_status: int | None = Field(default=None, ge=400, le=599)
    retry_after_seconds: int = Field(default=1, ge=0)


class Hang(_OutboundRule):
    """Accept, but never answer the request."""

    action: Literal["hang"]
    seconds: float = Field(default=60, gt=0, le=3600)


class Delay(_Rule):
    """Everything that follows is this much later."""

    action: Literal["delay"]
    seconds: float = Field(ge=0, le=86_400)


class Hold(_OutboundRule):
    """The text never gets further than this status."""

    action: Literal["hold"]
    status: Literal[Status.QUEUED, Status.SENT] = Status.SENT


class Reorder(_OutboundRule):
    """Callbacks arrive last status first, once the last status is reached."""

    action: Literal["reorder"]


class Duplicate(_Rule):
    """Each webhook is sent several times."""

    action: Literal["duplicate"]
    copies: int = Field(default=2, ge=2, le=20)


class Drop(_Rule):
    """Webhooks are never sent, though what they tell has happened."""

    action: Literal["drop"]
    statuses: frozenset[Status] | None = None


Rule = Annotated[
    Fail | Hang | Delay | Hold | Reorder | Duplicate | Drop, Field(discriminator="action")
]
RULES: TypeAdapter[list[Rule]] = TypeAdapter(list[Rule])
RULE: TypeAdapter[Rule] = TypeAdapter(Rule)


@dataclass(frozen=True)
class Effects:
    """What the matching rules do to one text together.

    Attributes:
        delay: Seconds.
        copies: How often each webhook is sent.
        dropped: Statuses that are not told; None when all are told.
    """

    fail: Fail | None = None
    hang: Hang | None = None
    delay: float = 0.0
    hold: Status | None = None
    reorder: bool = False
    copies: int = 1
    drop: Drop | None = None

    @property
    def refusal(self) -> Fail | None:
        """The rule by which the request is refused, if one is."""
        return None if self.fail is None or is_failure(self.fail.code) else self.fail

    def tells(self, status: Status) -> bool:
        """Whether the webhook of this status is sent."""
        if self.drop is None:
            return True
        return self.drop.statuses is not None and status not in self.drop.statuses


Key = TypeVar("Key")


def choose(
    rules: Iterable[tuple[Key, Rule]], of: Of, phone: str, body: str
) -> tuple[Effects, list[Key]]:
    """The effects on one text, and the keys of the rules that are used up by one.

    Of several rules with the same action, the first that matches applies. A refused text has no
    other effect, and uses no other rule.
    """
    chosen: dict[str, tuple[Key, Rule]] = {}
    for key, rule in rules:
        if rule.action not in chosen and rule.applies(of, phone, body):
            chosen[rule.action] = (key, rule)
    effects = Effects()
    for _, rule in chosen.values():
        effects = _with(effects, rule)
    if effects.refusal is not None:
        return Effects(fail=effects.fail), [chosen["fail"][0]]
    return effects, [key for key, _ in chosen.values()]


def _with(effects: Effects, rule: Rule) -> Effects:  # noqa: PLR0911 - one for each kind of rule
    match rule:
        case Fail():
            return replace(effects, fail=rule)
        case Hang():
            return replace(effects, hang=rule)
        case Delay():
            return replace(effects, delay=rule.seconds)
        case Hold():
            return replace(effects, hold=rule.status)
        case Reorder():
            return replace(effects, reorder=True)
        case Duplicate():
            return replace(effects, copies=rule.copies)
        case Drop():
            return replace(effects, drop=rule)
        case _:
            assert_never(rule)
