"""Asking for help: somebody says that a child needs something; the coordinator looks first. Pure.

A request is no referral yet: nobody consents to one, and no agency hears of it. Whoever asked hears
that it was *received* and *handled*, and never what was done.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict

from contracts.code import Code
from contracts.help_requests import HelpRequestHandled, HelpRequestReceived, RequestSource
from contracts.sealed import Sealed
from services.chassis.aggregate import Aggregate
from services.chassis.errors import rule
from services.referral.model.erasure import NOTHING

KEPT_AT_MOST = timedelta(days=365)
"""How long the words of a family that nobody found are kept, though nobody handles them."""

EVERY_SCHOOL = "*"
"""Stands for all schools on a request of which nobody can tell to which one it belongs."""


class RequestState(StrEnum):
    """All that whoever asked ever hears."""

    RECEIVED = "received"
    HANDLED = "handled"


class Handling(Code):
    """How it was handled: for the coordinator's eyes."""

    REFERRED = "referred"
    OTHER_WAY = "other-way"
    ALREADY_OPEN = "already-open"
    ERASED = "erased"


class Handled(BaseModel):
    """What was done about a request.

    Attributes:
        by: subject of who did it; `referral` where an erasure ended it.
        referral: the one that was written for it, or that was open already.
        words: what else was done, sealed under the request's key.
    """

    model_config = ConfigDict(frozen=True)

    how: Handling
    at: datetime
    by: str
    referral: str | None = None
    words: Sealed | None = None

    def same_as(self, other: "Handled") -> bool:
        """Tell whether both say the same, whoever says it and when."""
        return (self.how, self.referral) == (other.how, other.referral)


class HelpRequest(Aggregate):
    """One request.

    Attributes:
        site: the school that it belongs to; None where nobody can tell yet.
        sites: the schools whose coordinators see it; `*` for all.
        source: how somebody asked.
        asked: a sealed `contracts.help_requests.Asked`.
        key: under whose key: a student's or a contact's, so that an erasure takes the words too; or
            the request's own id, in the vault of askers, while nobody knows the family.
        by: subject of the member of staff who asked, or who entered a paper; None for a family's.
        student: the child, once it is known.
        families: the households that may have asked.
        person: the contact who hears that it was received and handled.
        receipt: hash of the link by which a page's asker sees the same.
        crisis: its words sound like danger.
        forget_at: when a key of its own is destroyed; None where it has none.
        forgotten_at: since when its words are gone.
    """

    COLLECTION: ClassVar[str] = "help_requests"

    site: str | None
    sites: tuple[str, ...]
    source: RequestSource
    asked: Sealed
    key: str
    asked_at: datetime
    fingerprint: str = ""
    by: str | None = None
    student: str | None = None
    families: tuple[str, ...] = ()
    person: str | None = None
    receipt: str | None = None
    handled: Handled | None = None
    crisis: bool = False
    forget_at: datetime | None = None
    forgotten_at: datetime | None = None

    @property
    def state(self) -> RequestState:
        """What whoever asked may know."""
        return RequestState.RECEIVED if self.handled is None else RequestState.HANDLED

    @property
    def own_key(self) -> bool:
        """Whether its words are sealed under a key of its own."""
        return self.key == self.id

    def received(self) -> HelpRequestReceived:
        """Return what is told of its coming."""
        return HelpRequestReceived(help_request=self.id, source=self.source, person=self.person)

    def told_handled(self) -> HelpRequestHandled:
        """Return what is told of its end: that it was handled, never how."""
        return HelpRequestHandled(help_request=self.id, person=self.person)

    def need_open(self, wanted: Handled) -> bool:
        """Tell whether there is still something to do; False where this very thing was done.

        Raises:
            EnlaceError: it was handled otherwise.
        """
        if self.handled is None:
            return True
        if self.handled.same_as(wanted):
            return False
        at = self.handled.at.date().isoformat()
        raise rule(
            "already-handled",
            f"This request was handled already, by {self.handled.by} on {at} "
            f"({self.handled.how.value}). Nothing was changed. If the child needs more, write a "
            "referral down.",
            es=f"Este pedido ya fue atendido, por {self.handled.by} el {at} "
            f"({self.handled.how.value}). No se cambió nada. Si hace falta más, escriba otra "
            "derivación.",
        )

    def ended(self, wanted: Handled, keep_days: int) -> Self:
        """Return it handled; words of a family that nobody found are kept for these days more."""
        forget_at = self.forget_at
        if forget_at is not None:
            forget_at = min(forget_at, wanted.at + timedelta(days=keep_days))
        return self.having(handled=wanted, forget_at=forget_at)

    def taken_up(self, wanted: Handled, child: "Child", asked: Sealed | None) -> Self:
        """Return it handled by a referral: from now on it belongs to that child.

        Args:
            wanted: by whom and when, with the referral.
            child: whose referral it is.
            asked: the words under the child's key; None where they are gone.

        Raises:
            EnlaceError: the request names another child.
        """
        if self.student is not None and self.student != child.student:
            raise rule(
                "another-child",
                "This request is about another child than the referral. Nothing was changed: "
                "choose the referral of the child whom it names.",
                es="Este pedido es de otro niño que la derivación. No se cambió nada: elija la del "
                "niño que nombra.",
            )
        return self.having(
            handled=wanted,
            student=child.student,
            families=(child.family,),
            asked=asked or NOTHING,
            key=child.student,
            # Its own key has nothing to hold any more: it goes at the next look.
            forget_at=wanted.at if self.own_key else self.forget_at,
        )

    def forgotten(self, now: datetime) -> Self:
        """Return it after its own key was destroyed."""
        if not self.own_key:
            return self.having(forgotten_at=now)
        return self.having(asked=NOTHING, forgotten_at=now)


class Child(BaseModel):
    """Whose referral answers a request."""

    model_config = ConfigDict(frozen=True)

    student: str
    family: str


def schools_of(sites: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    """Return the school that a request belongs to, and all whose coordinators see it.

    Args:
        sites: of the households that may have asked, the likeliest first; none where nobody knows.
    """
    known = tuple(dict.fromkeys(sites))
    return (known[0], known) if known else (None, (EVERY_SCHOOL,))
