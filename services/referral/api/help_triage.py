"""Looking at requests for help over HTTP: for the coordinators of the school."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import unknown
from services.chassis.fields import Id
from services.chassis.http.commands import (
    Body,
    Cursor,
    Identifier,
    IfMatch,
    Limit,
    Page,
    expected_version,
    identifier,
    read_cursor,
    set_etag,
    write_cursor,
)
from services.chassis.privacy import Vault
from services.referral.api.context import Context
from services.referral.api.help_view import HelpReader, HelpRequestView
from services.referral.api.sight import visible
from services.referral.api.words import FewWords, warnings_of
from services.referral.handlers import help_requests
from services.referral.model.help_request import (
    EVERY_SCHOOL,
    Child,
    Handled,
    Handling,
    HelpRequest,
    RequestState,
)

Coordinator = Annotated[Principal, Depends(Allow(Role.COORDINATOR))]


class TakeUpBody(Body):
    """The referral that was written down for this request."""

    referral: Id


class OtherWayBody(Body):
    """What was done instead, in a few words."""

    words: FewWords | None = None


class SetAsideBody(Body):
    """The referral that was open already, where it is one."""

    referral: Id | None = None


class Triage:
    """Finds, moves and shows a request for a coordinator of its school."""

    def __init__(self, context: Context, reader: HelpReader) -> None:
        self.context = context
        self.reader = reader

    async def theirs(self, caller: Principal, id: str) -> HelpRequest:
        """Return a request that the caller sees.

        Raises:
            EnlaceError: there is none, as far as this caller may know.
        """
        request = await self.context.store.get(HelpRequest, identifier(id))
        sites = caller.sites(Role.COORDINATOR)
        if request is None or not ("*" in sites or {*sites, EVERY_SCHOOL} & {*request.sites}):
            raise unknown("request")
        return request

    def done(self, caller: Principal, how: Handling, referral: str | None = None) -> Handled:
        """Return that the caller handles it now."""
        return Handled(how=how, at=self.context.clock.now(), by=caller.subject, referral=referral)

    async def shown(
        self, caller: Principal, request: HelpRequest, response: Response
    ) -> HelpRequestView:
        """Return a request as the caller reads it, with its version."""
        set_etag(response, request.version)
        return await self.reader.view(request, caller.sites(Role.COORDINATOR))


def help_triage_router(context: Context, askers: Vault) -> APIRouter:
    """Return the router.

    Args:
        context: what the endpoints need.
        askers: the vault of those whose family is not known.
    """
    router = APIRouter(prefix="/v1/help-requests", tags=["asking for help"])
    reader = HelpReader(context, askers)
    triage = Triage(context, reader)
    _add_commands(router, triage)

    @router.get("")
    async def list_requests(
        caller: Coordinator,
        site: Annotated[str | None, Query(max_length=64, description="One school only.")] = None,
        state: Annotated[RequestState | None, Query(description="`received`: open ones.")] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[HelpRequestView]:
        """List the requests of the caller's schools, newest first, with their words."""
        sites = caller.sites(Role.COORDINATOR)
        if site is not None:
            caller.need_site(site, Role.COORDINATOR, what="site")
            sites = frozenset({site})
        query = help_requests.seen_query(sites)
        if state is RequestState.HANDLED:
            query["handled"] = {"$ne": None}
        found = await help_requests.list_requests(
            context.store,
            query,
            open_only=state is RequestState.RECEIVED,
            before=read_cursor(cursor),
            limit=limit + 1,
        )
        page = found[:limit]
        return Page[HelpRequestView](
            items=[await reader.view(each, sites) for each in page],
            next=write_cursor(page[-1].id) if len(found) > limit else None,
        )

    @router.get("/{id}")
    async def get_request(
        id: Identifier, response: Response, caller: Coordinator
    ) -> HelpRequestView:
        """Return one request, with who it may be about."""
        return await triage.shown(caller, await triage.theirs(caller, id), response)

    return router


def _add_commands(router: APIRouter, triage: Triage) -> None:
    context, reader = triage.context, triage.reader

    @router.post("/{id}/take-up")
    async def take_up(
        id: Identifier,
        body: TakeUpBody,
        response: Response,
        caller: Coordinator,
        if_match: IfMatch = None,
    ) -> HelpRequestView:
        """Say which referral answers the request: write it down first, with the ordinary PUT.

        From then on the words belong to that child's record.
        """
        request = await triage.theirs(caller, id)
        referral = await visible(context, caller, body.referral, Role.COORDINATOR)
        asked = await reader.opened(request)
        sealed = None
        if asked is not None:
            text = asked.model_dump_json(exclude_none=True)
            sealed = await context.seal_known(referral.student, text)
        after = await help_requests.take_up(
            context.desk,
            request.id,
            triage.done(caller, Handling.REFERRED, referral.id),
            Child(student=referral.student, family=referral.family),
            sealed,
            expected=expected_version(if_match),
        )
        return await triage.shown(caller, after, response)

    @router.post("/{id}/handled")
    async def handled(
        id: Identifier,
        body: OtherWayBody,
        response: Response,
        caller: Coordinator,
        if_match: IfMatch = None,
    ) -> HelpRequestView:
        """Say that it was handled without a referral: a call, a bag of food, a word in the hall."""
        request = await triage.theirs(caller, id)
        words = await reader.sealed(request, body.words) if body.words else None
        wanted = triage.done(caller, Handling.OTHER_WAY)
        after = await help_requests.handle(
            context.desk,
            request.id,
            wanted.model_copy(update={"words": words}),
            expected=expected_version(if_match),
        )
        view = await triage.shown(caller, after, response)
        return view.model_copy(update={"warnings": warnings_of([("words", body.words)])})

    @router.post("/{id}/set-aside")
    async def set_aside(
        id: Identifier,
        body: SetAsideBody,
        response: Response,
        caller: Coordinator,
        if_match: IfMatch = None,
    ) -> HelpRequestView:
        """Say that this need is open already."""
        request = await triage.theirs(caller, id)
        referral = None
        if body.referral is not None:
            referral = (await visible(context, caller, body.referral, Role.COORDINATOR)).id
        wanted = triage.done(caller, Handling.ALREADY_OPEN, referral)
        after = await help_requests.handle(
            context.desk, request.id, wanted, expected=expected_version(if_match)
        )
        return await triage.shown(caller, after, response)
