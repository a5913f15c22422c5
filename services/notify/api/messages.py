"""What was sent and answered, for the staff who may know of it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AfterValidator

from contracts.codes import Channel, Language, Template
from services.chassis.auth import Allow, Principal, Role
from services.chassis.closed import need_listed
from services.chassis.errors import unknown
from services.chassis.http.commands import (
    Body,
    Cursor,
    Identifier,
    Limit,
    Page,
    identifier,
    read_moment,
    write_moment,
)
from services.chassis.sight import Bearer
from services.notify import handlers
from services.notify.api.context import Context
from services.notify.api.lines import Line, line_of, rows_of
from services.notify.model.cause import KnownReferral
from services.notify.model.conversation import OUTGOING, Outgoing
from services.notify.model.message import Message, State, release
from services.notify.store import list_messages

_PAGE = 50


class MessageView(Body):
    """A message without its words.

    Attributes:
        reads: what the person reads, where the words had to be in another language.
        waits_for: why it has not gone out yet.
        code: the provider's, of a failure.
    """

    id: str
    template: Template
    channel: Channel
    language: Language
    reads: Language
    state: State
    since: datetime
    created_at: datetime
    person: str
    referral: str | None
    site: str | None
    waits_for: str | None
    reason: str | None
    code: str | None
    bypassed: str | None


class ConversationView(Body):
    """What was said with a family about a referral, oldest first."""

    referral: str
    lines: tuple[Line, ...]


class SwitchBody(Body):
    """Where the switch is to stand."""

    on: bool


class SwitchView(Body):
    """Where the one switch stands, and since when."""

    on: bool
    at: datetime | None


def messages_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1", tags=["messages"])
    operator = Depends(Allow(Role.OPERATOR))

    @router.get("/messages")
    async def get_messages(
        caller: Annotated[Principal, Depends(Allow(Role.OPERATOR, Role.COORDINATOR))],
        state: Annotated[State | None, Query(max_length=32), AfterValidator(need_listed)] = None,
        cursor: Cursor = None,
        limit: Limit = _PAGE,
    ) -> Page[MessageView]:
        """List messages, newest first; `state=unknown` are those that a person must look at."""
        sites = caller.sites(Role.COORDINATOR)
        if caller.has(Role.OPERATOR):
            sites = frozenset({"*"})
        found = await list_messages(
            context.store, sites, state=state, before=read_moment(cursor), limit=limit + 1
        )
        more = len(found) > limit
        page = found[:limit]
        return Page(items=[_view(each) for each in page], next=_next(page[-1]) if more else None)

    @router.post("/messages/{id}/release", dependencies=[operator])
    async def post_release(id: Identifier) -> MessageView:
        """Let a parked message go on once what was missing is there; every rule is asked again."""
        now = context.clock.now()
        found = await handlers.change(
            context.store, identifier(id), lambda each: release(each, now)
        )
        if found is None:
            raise unknown("message")
        return _view(found)

    @router.get("/referrals/{id}/conversation")
    async def get_conversation(
        id: Identifier,
        caller: Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.CARE_TEAM))],
        bearer: Bearer,
    ) -> ConversationView:
        """Return what was said with the family, opened for the staff of the child's school."""
        referral = await context.store.get(KnownReferral, identifier(id))
        if referral is None:
            raise unknown("referral")
        caller.need_site(referral.site, Role.COORDINATOR, Role.CARE_TEAM, what="referral")
        await context.sight.need(referral.id, referral.category, bearer, what="referral")
        rows = await rows_of(context.store, {"referral": referral.id})
        lines = [await line_of(context.book, row) for row in reversed(rows)]
        return ConversationView(referral=referral.id, lines=tuple(lines))

    @router.get("/outgoing", dependencies=[operator])
    async def get_outgoing() -> SwitchView:
        """Tell whether anything goes out."""
        known = await context.store.get(Outgoing, OUTGOING) or Outgoing(id=OUTGOING)
        return SwitchView(on=known.on, at=known.at)

    @router.post("/outgoing")
    async def post_outgoing(body: SwitchBody, caller: Annotated[Principal, operator]) -> SwitchView:
        """Turn everything outgoing on or off; what is off waits as long as it is news."""
        known = await handlers.switch_outgoing(
            context.store, on=body.on, by=caller.subject, now=context.clock.now()
        )
        return SwitchView(on=known.on, at=known.at)

    return router


def _view(message: Message) -> MessageView:
    return MessageView.model_validate(
        {name: getattr(message, name) for name in MessageView.model_fields}
    )


def _next(last: Message) -> str:
    return write_moment(last.created_at, last.id)
