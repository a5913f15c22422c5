"""What endpoints, keys and deliveries look like on the wire."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from contracts.agencies import WebhookEnd
from services.chassis.errors import TwoTonguesError
from services.chassis.http.commands import Body
from services.partner.api.context import Name
from services.partner.subscriptions.model.attempt import Attempt, Outcome
from services.partner.subscriptions.model.endpoint import Endpoint, State
from services.partner.subscriptions.model.key import LONGEST_DAYS, ApiKey, Scope
from services.partner.subscriptions.model.kinds import Kind

Id = Annotated[str, StringConstraints(min_length=1, max_length=36)]
_MOST_NUMBER = 2**31 - 1
_SCOPES = tuple(each.value for each in Scope)


class NothingBody(Body):
    """A command that needs no words."""


class EndpointBody(Body):
    """A webhook endpoint, whole.

    Attributes:
        agency: whose it is; left out, the caller's own.
        url: https, on a public address, without a user name.
        types: of events; none means all.
        services: only events about these; none means all.
    """

    agency: Id | None = None
    url: Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
    types: Annotated[tuple[Kind, ...], Field(max_length=len(Kind))] = ()
    services: Annotated[tuple[Id, ...], Field(max_length=200)] = ()


class EndpointView(Body):
    """A webhook endpoint.

    Attributes:
        secret: in the answer that made it alone, and never again.
        live_secrets: how many sign now; more than one for a day after a rotation.
        reason: why it is disabled.
        failing_since: of the first failure after the last success.
        waiting: deliveries that are still to be made; null in lists.
    """

    id: str
    version: int
    agency: str
    url: str
    types: tuple[Kind, ...]
    services: tuple[str, ...]
    state: State
    reason: WebhookEnd | None
    disabled_at: datetime | None
    failing_since: datetime | None
    created_at: datetime
    live_secrets: int
    waiting: int | None = None
    secret: str | None = None

    @classmethod
    def of(cls, endpoint: Endpoint, now: datetime, secret: str | None = None) -> Self:
        """Return what is shown of an endpoint."""
        return cls(
            id=endpoint.id,
            version=endpoint.version,
            agency=endpoint.agency,
            url=endpoint.url,
            types=endpoint.kinds,
            services=endpoint.services,
            state=endpoint.state,
            reason=endpoint.why,
            disabled_at=endpoint.disabled_at,
            failing_since=endpoint.failing_since,
            created_at=endpoint.created_at,
            live_secrets=len(endpoint.live(now)),
            secret=secret,
        )


class Endpoints(Body):
    """All endpoints of an agency; there are never many."""

    items: Sequence[EndpointView]


class ReplayBody(Body):
    """What is to be delivered again: one event, or all from a time or a place in the feed on.

    Attributes:
        event: its `webhook-id`; it is sent at once.
        since: events that happened then or later.
        after: events behind this number of the feed.
    """

    event: Id | None = None
    since: AwareDatetime | None = None
    after: int | None = Field(default=None, ge=0, le=_MOST_NUMBER)

    @model_validator(mode="after")
    def _one(self) -> Self:
        many = self.since is not None or self.after is not None
        if many == (self.event is not None):
            raise TwoTonguesError(
                "say what is to be delivered again: either `event`, or `since`, `after` or both",
                "diga qué se debe entregar otra vez: `event`, o bien `since`, `after` o ambos",
            )
        return self


class Replayed(Body):
    """How many events were queued, and where to go on: repeat with `after`; null at the end."""

    queued: int
    next: int | None


class DeliveryView(Body):
    """One line of the delivery log.

    Attributes:
        number: of the event in the feed; 0 for a test event.
        tries: which try of this delivery it was, from 1 on.
        status: of the response; null where there was none.
        error: why there was none: `timed-out`, `not-connected`, `certificate-refused`,
            `unknown-name`, `not-public`, `no-answer` and the like.
        took: milliseconds.
        body: as it was sent.
        response: its first 2 KiB.
        next_try: null where it is not tried again by itself.
    """

    id: str
    number: int
    tries: int
    event: str
    type: str
    at: datetime
    outcome: Outcome
    status: int | None
    error: str | None
    took: int
    body: str
    response: str | None
    next_try: datetime | None

    @classmethod
    def of(cls, attempt: Attempt, response: str | None) -> Self:
        """Return what is shown of an attempt."""
        fields = set(cls.model_fields) - {"response"}
        return cls(**attempt.model_dump(include=fields), response=response)


class KeyBody(Body):
    """An API key.

    Attributes:
        agency: whose it is; left out, the caller's own.
        name: to tell it apart.
        scopes: `feed` reads the feed, `webhooks` manages endpoints, `keys` makes and ends keys,
            `fhir` reads and answers Tasks, `performance` reads how the agency does, `capacity`
            reads and tells its seats.
        days: until it expires.
        replaces: id of a key that works for one day more beside this one.
    """

    agency: Id | None = None
    name: Name
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1, max_length=len(Scope))]
    days: int = Field(default=LONGEST_DAYS - 1, ge=1, le=LONGEST_DAYS)
    replaces: Id | None = None

    @model_validator(mode="after")
    def _listed(self) -> Self:
        if not all(each.listed for each in self.scopes):
            raise TwoTonguesError(
                f"a scope is not known here: {', '.join(_SCOPES)} are",
                f"un permiso no se conoce aquí: sí {', '.join(_SCOPES)}",
            )
        return self


class KeyView(Body):
    """An API key; `key` in the answer that made it alone, and never again."""

    id: str
    agency: str
    name: str
    shown: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires: datetime
    last_used: datetime | None
    revoked: bool
    key: str | None = None

    @classmethod
    def of(cls, kept: ApiKey, key: str | None = None) -> Self:
        """Return what is shown of a key."""
        return cls(**kept.model_dump(include=set(cls.model_fields)), key=key)


class Keys(Body):
    """All keys of an agency; there are never many."""

    items: Sequence[KeyView]


class FeedPage(Body):
    """The next events of a feed.

    Attributes:
        items: CloudEvents 1.0 in the JSON format, each with its `feednumber`.
        next: give it as `after` next time.
        more: whether there are more already.
    """

    items: Sequence[dict[str, Any]]
    next: int
    more: bool
