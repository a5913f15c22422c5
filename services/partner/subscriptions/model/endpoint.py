"""An agency's webhook endpoint: what it wants, its secrets, and whether it works. Pure."""

from datetime import datetime, timedelta
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from contracts.agencies import WebhookDisabled, WebhookEnd
from contracts.code import Code
from contracts.sealed import Sealed
from services.chassis.aggregate import Aggregate, Change
from services.chassis.errors import EnlaceError, rule
from services.partner.subscriptions.model.entry import Entry
from services.partner.subscriptions.model.kinds import Kind

BOTH_LIVE = timedelta(days=1)
"""How long the former secret signs beside a fresh one."""

GIVEN_UP_AFTER = timedelta(days=5)
"""How long an endpoint may fail, without one success, before it is disabled."""

MOST_ENDPOINTS = 10

MOST_SECRETS = 4
"""Secrets that sign at one time: who rotates twice since the first answer got lost must not find
that what the receiver still has signs no more."""


class State(Code):
    """Whether an endpoint is sent to."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    DELETED = "deleted"


class Secret(BaseModel):
    """A signing secret, sealed under the endpoint's own key; `until` where a fresh one stands."""

    model_config = ConfigDict(frozen=True)

    sealed: Sealed
    until: datetime | None = None


class Endpoint(Aggregate):
    """A webhook endpoint.

    Attributes:
        kinds: what it wants; none means everything.
        services: of its agency, for which it wants it; none means all.
        secrets: newest first; several while one is being replaced.
        failing_since: of the first failure after the last success.
        contact: who at the agency is told, as of the last failure.
        created: keyed hash of the body that made it.
        fingerprint: keyed hash of the body that changed it last.
        next_due: when it is given up unless it works by then.
    """

    COLLECTION: ClassVar[str] = "webhook_endpoints"

    agency: str
    url: str
    created_at: datetime
    kinds: tuple[Kind, ...] = ()
    services: tuple[str, ...] = ()
    secrets: tuple[Secret, ...] = ()
    state: State = State.ENABLED
    why: WebhookEnd | None = None
    disabled_at: datetime | None = None
    failing_since: datetime | None = None
    contact: str | None = None
    created: str = ""
    fingerprint: str = ""
    next_due: datetime | None = None

    def wants(self, entry: Entry) -> bool:
        """Tell whether it is to be sent an entry of its agency's feed."""
        if self.state is not State.ENABLED or entry.agency != self.agency:
            return False
        if self.kinds and entry.kind not in self.kinds:
            return False
        return not self.services or entry.service in self.services

    def replaced(self, wish: "Endpoint") -> "Endpoint":
        """Return it with what is wished; another address begins without failures."""
        changes = wish.model_dump(include={"url", "kinds", "services", "fingerprint"})
        if wish.url != self.url:
            changes |= {"failing_since": None, "next_due": None}
        return self.having(**changes)

    def live(self, now: datetime) -> tuple[Sealed, ...]:
        """Return the secrets that sign now, newest first."""
        return tuple(each.sealed for each in self.secrets if each.until is None or each.until > now)

    def rotated(self, fresh: Sealed, now: datetime) -> "Endpoint":
        """Return it with a fresh secret; each former one signs beside it for its day.

        Raises:
            EnlaceError: as many as can are live already.
        """
        live = [each for each in self.secrets if each.until is None or each.until > now]
        if len(live) >= MOST_SECRETS:
            raise rule(
                "too-many-secrets",
                f"{MOST_SECRETS} secrets sign already. Nothing was changed: use the newest, or "
                "wait until the first of them has had its day.",
                es=f"Ya firman {MOST_SECRETS} secretos. No se cambió nada: use el más nuevo, o "
                "espere a que el primero cumpla su día.",
            )
        former = (each.model_copy(update={"until": each.until or now + BOTH_LIVE}) for each in live)
        return self.having(secrets=(Secret(sealed=fresh), *former))

    def works(self) -> "Endpoint":
        """Return it after a success."""
        if self.failing_since is None:
            return self
        return self.having(failing_since=None, next_due=None)

    def fails(self, contact: str | None, now: datetime) -> "Endpoint":
        """Return it after a failure; `contact` is who would be told."""
        if self.failing_since is not None and self.contact == contact:
            return self
        since = self.failing_since or now
        return self.having(failing_since=since, contact=contact, next_due=since + GIVEN_UP_AFTER)

    def disabled(self, why: WebhookEnd, now: datetime) -> "Endpoint":
        """Return it as one that nothing is sent to; what waits for it stays."""
        if self.state is not State.ENABLED:
            return self
        return self.having(state=State.DISABLED, why=why, disabled_at=now, next_due=None)

    def enabled(self) -> "Endpoint":
        """Return it as one that is sent to.

        Raises:
            EnlaceError: it was deleted.
        """
        if self.state is State.DELETED:
            raise gone()
        return self.having(
            state=State.ENABLED, why=None, disabled_at=None, failing_since=None, next_due=None
        )

    def deleted(self) -> "Endpoint":
        """Return what is left of it: that it was there, without its secrets."""
        return self.having(state=State.DELETED, secrets=(), url="", next_due=None)

    def told(self) -> WebhookDisabled:
        """Return the event that tells of its having been disabled."""
        return WebhookDisabled(
            agency=self.agency,
            endpoint=self.id,
            reason=self.why or WebhookEnd.REQUESTED,
            contact=self.contact,
        )


def key_name(endpoint: str) -> str:
    """Return the name of the data key that an endpoint's secrets lie under.

    Marked, so that no id that a caller makes up ever names a person's key.
    """
    return f"webhook:{endpoint}"


def give_up(endpoint: Endpoint, now: datetime) -> Change[None]:
    """Disable an endpoint that has failed for too long, and have its agency told."""
    if endpoint.state is not State.ENABLED or endpoint.failing_since is None:
        return Change(None, [endpoint.having(next_due=None)])
    after = endpoint.disabled(WebhookEnd.FAILING, now)
    return Change(None, [after], [after.told()])


def gone() -> EnlaceError:
    """Return the refusal of what was deleted."""
    return rule(
        "endpoint-deleted",
        "This endpoint was deleted. Nothing was changed: make another one, with a fresh id.",
        es="Este destino fue eliminado. No se cambió nada: cree otro, con un identificador nuevo.",
    )
