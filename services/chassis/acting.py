"""Who is acting now, kept with every event that is written: for a history of who did what.

Set where a request, an event or a due time comes in; read by the event log alone, so that nothing
between has to pass it on. It never leaves the service: no topic carries it.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, NamedTuple

from contracts.code import Code


class ActorKind(Code):
    """What somebody is who acts."""

    STAFF = "staff"
    AGENCY = "agency"
    FAMILY = "family"
    SERVICE = "service"
    SCHEDULE = "schedule"


class Via(Code):
    """From where somebody acts.

    `portal` is what the caller says of itself; `telephone`: an agency answered by it, and staff
    recorded the answer.
    """

    PORTAL = "portal"
    API = "api"
    AGENCY_LINK = "agency-link"
    TEXT_MESSAGE = "text-message"
    TELEPHONE = "telephone"
    EVENT = "event"
    SCHEDULE = "schedule"


class Acting(NamedTuple):
    """Somebody who acts, and from where.

    Attributes:
        subject: of a member of staff; an agency's or a person's id; a service's name.
        address: the network that the request came from, never the machine.
        request: the trace id.
    """

    kind: ActorKind
    subject: str
    via: Via
    address: str = ""
    request: str = ""

    def to_document(self) -> dict[str, str]:
        """Return what is kept."""
        return {
            "kind": self.kind.value,
            "subject": self.subject,
            "via": self.via.value,
            "address": self.address,
            "request": self.request,
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any] | None) -> "Acting":
        """Read what was kept; where nothing was, time acted."""
        if kept is None:
            return BY_TIME
        return cls(
            kind=ActorKind(kept["kind"]),
            subject=str(kept["subject"]),
            via=Via(kept["via"]),
            address=str(kept["address"]),
            request=str(kept["request"]),
        )


BY_TIME = Acting(ActorKind.SCHEDULE, "", Via.SCHEDULE)

_now: ContextVar[Acting | None] = ContextVar("acting", default=None)


def acting() -> Acting | None:
    """Return who is acting; None where it is time."""
    return _now.get()


def set_acting(who: Acting) -> None:
    """Say who acts for the rest of the request."""
    _now.set(who)


class acting_as:  # noqa: N801 - used as a function; every event is handled within one
    """Says who acts within a `with` block."""

    __slots__ = ("_token", "_who")

    def __init__(self, who: Acting | None) -> None:
        self._who = who

    def __enter__(self) -> None:
        """Say it."""
        self._token = _now.set(self._who)

    def __exit__(self, *_: object) -> None:
        """Say what was said before."""
        _now.reset(self._token)


@lru_cache(maxsize=100)
def told_by(source: str) -> Acting:
    """Return who acts by an event of this source, as `enlace/partner`."""
    return Acting(ActorKind.SERVICE, source.rpartition("/")[2], Via.EVENT)
