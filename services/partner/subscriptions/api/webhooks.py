"""Webhook endpoints over HTTP: made, changed, tried out, ended; their log and their replays."""

import json
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AfterValidator

from services.chassis.auth import Principal, Role
from services.chassis.closed import need_listed
from services.chassis.errors import EnlaceError, Kind, rule, unknown
from services.chassis.http.commands import (
    Cursor,
    Identifier,
    IfMatch,
    Limit,
    Page,
    expected_version,
    fingerprint,
    identifier,
    read_cursor,
    set_etag,
    write_cursor,
)
from services.partner.store import by_id
from services.partner.subscriptions import handlers
from services.partner.subscriptions import store as reading
from services.partner.subscriptions.api.bodies import (
    DeliveryView,
    EndpointBody,
    Endpoints,
    EndpointView,
    NothingBody,
    ReplayBody,
    Replayed,
)
from services.partner.subscriptions.api.caller import AllowKey, agency_of, need_own
from services.partner.subscriptions.handlers import Desk
from services.partner.subscriptions.model.address import RefusedAddressError, read_url
from services.partner.subscriptions.model.attempt import Attempt, Outcome
from services.partner.subscriptions.model.endpoint import Endpoint, State
from services.partner.subscriptions.model.entry import KEPT, Entry, cloud_event, entry_id
from services.partner.subscriptions.model.key import Scope
from services.partner.subscriptions.model.thread import Thread
from services.partner.subscriptions.sending.courier import Courier

_REPLAYED = 1_000
"""Events that one replay queues."""

PATH = "/v1/webhooks"
WHAT = "webhook endpoint"


def webhooks_router(desk: Desk, courier: Courier, secret: bytes, *, local: bool) -> APIRouter:
    """Return the router.

    Args:
        desk: what commands work with.
        courier: sends test events.
        secret: keys fingerprints of bodies.
        local: take endpoints of this machine.
    """
    router = APIRouter(prefix=PATH, tags=["webhooks"])
    rule_ = AllowKey(desk, Scope.WEBHOOKS, Role.ADMIN, Role.AGENCY_ADMIN)
    manager = Annotated[Principal, Depends(rule_)]

    @router.put("/{id}")
    async def put_endpoint(
        id: Identifier,
        body: EndpointBody,
        response: Response,
        caller: manager,
        if_match: IfMatch = None,
    ) -> EndpointView:
        """Enter an endpoint, whose secret is shown once; with `If-Match`, replace it."""
        agency = agency_of(caller, body.agency)
        _check_url(body.url, local=local)
        now = desk.clock.now()
        made = fingerprint(secret, body.model_copy(update={"agency": agency}))
        wish = Endpoint(
            id=identifier(id),
            agency=agency,
            url=body.url,
            kinds=body.types,
            services=body.services,
            created_at=now,
            created=made,
            fingerprint=made,
        )
        shown: str | None = None
        if if_match is None:
            endpoint, shown = await handlers.make_endpoint(desk, wish)
        else:
            if (await _own(desk, wish.id, caller)).agency != agency:
                raise unknown(WHAT)
            endpoint = await handlers.change_endpoint(
                desk,
                wish.id,
                lambda known: known.replaced(wish),
                expected=expected_version(if_match),
            )
        return _told(desk, endpoint, response, shown)

    @router.get("")
    async def list_endpoints(
        caller: manager, agency: Annotated[str | None, Query(max_length=36)] = None
    ) -> Endpoints:
        """List an agency's endpoints."""
        own = agency_of(caller, agency)
        now = desk.clock.now()
        found = await reading.endpoints_of(desk.store, [own])
        return Endpoints(items=[EndpointView.of(each, now) for each in found])

    @router.get("/{id}")
    async def get_endpoint(id: Identifier, response: Response, caller: manager) -> EndpointView:
        """Return one endpoint, with how many deliveries wait."""
        endpoint = await _own(desk, id, caller)
        waiting = await reading.count_waiting(desk.store, endpoint.id)
        return _told(desk, endpoint, response).model_copy(update={"waiting": waiting})

    @router.delete("/{id}", status_code=204)
    async def delete_endpoint(id: Identifier, caller: manager) -> None:
        """Delete an endpoint with all that waits for it; a repeat is no error."""
        endpoint = await _own(desk, id, caller)
        await handlers.delete(desk, endpoint.id)

    @router.post("/{id}/rotate-secret")
    async def rotate_secret(
        id: Identifier,
        body: NothingBody,
        response: Response,
        caller: manager,
        if_match: IfMatch = None,
    ) -> EndpointView:
        """Make a fresh secret, shown once; for a day deliveries carry both signatures."""
        del body
        endpoint = await _own(desk, id, caller)
        after, shown = await handlers.rotate_secret(
            desk, endpoint.id, expected=expected_version(if_match)
        )
        return _told(desk, after, response, shown)

    @router.post("/{id}/disable")
    async def disable(
        id: Identifier, body: NothingBody, response: Response, caller: manager
    ) -> EndpointView:
        """Stop sending; what waits is kept."""
        del body
        endpoint = await _own(desk, id, caller)
        return _told(desk, await handlers.disable(desk, endpoint.id), response)

    @router.post("/{id}/enable")
    async def enable(
        id: Identifier, body: NothingBody, response: Response, caller: manager
    ) -> EndpointView:
        """Send again, first of all what waited; what happened meanwhile comes by a replay."""
        del body
        endpoint = await _own(desk, id, caller)
        after = await handlers.change_endpoint(desk, endpoint.id, Endpoint.enabled)
        return _told(desk, after, response)

    _add_deliveries(router, desk, courier, rule_)
    return router


def _add_deliveries(router: APIRouter, desk: Desk, courier: Courier, rule_: AllowKey) -> None:
    """Add what is about deliveries: the test event, the log, replays."""
    manager = Annotated[Principal, Depends(rule_)]

    @router.post("/{id}/test")
    async def test(id: Identifier, body: NothingBody, caller: manager) -> DeliveryView:
        """Send a test event now; the answer tells what came of it."""
        del body
        endpoint = await _own(desk, id, caller)
        if endpoint.state is State.DELETED:
            raise unknown(WHAT)
        line = await courier.test(endpoint)
        return DeliveryView.of(line, await desk.vault.open_if(line.response))

    @router.get("/{id}/deliveries")
    async def list_deliveries(
        id: Identifier,
        caller: manager,
        outcome: Annotated[Outcome | None, Query(), AfterValidator(need_listed)] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[DeliveryView]:
        """List what was sent and what came back, newest first; `outcome`: those alone."""
        endpoint = await _own(desk, id, caller)
        before = read_cursor(cursor)
        found = await reading.attempts_of(desk.store, endpoint.id, before, limit + 1, outcome)
        page = found[:limit]
        items = await _lines(desk, page)
        more = len(found) > limit
        return Page[DeliveryView](items=items, next=write_cursor(page[-1].id) if more else None)

    @router.get("/{id}/deliveries/{delivery}")
    async def get_delivery(id: Identifier, delivery: Identifier, caller: manager) -> DeliveryView:
        """Return one line of the log."""
        endpoint = await _own(desk, id, caller)
        line = await desk.store.get(Attempt, identifier(delivery))
        if line is None or line.endpoint != endpoint.id:
            raise unknown("delivery")
        return (await _lines(desk, [line]))[0]

    @router.post("/{id}/replay")
    async def replay(id: Identifier, body: ReplayBody, caller: manager) -> Replayed:
        """Deliver events of the last 30 days again: one by its id, or all from a time or place."""
        endpoint = await _own(desk, id, caller)
        if body.event is not None:
            return await _redeliver(desk, endpoint, body.event)
        oldest = desk.clock.now() - KEPT
        if body.since is not None and body.since < oldest:
            raise rule(
                "replay-too-old",
                "A replay goes back 30 days. Nothing was queued: give a later `since`.",
                es="Una repetición llega hasta 30 días atrás. No se puso nada en cola: dé un "
                "`since` más reciente.",
            )
        found = await reading.entries_since(
            desk.store, endpoint.agency, body.since or oldest, body.after or 0, _REPLAYED + 1
        )
        page = found[:_REPLAYED]
        queued = await handlers.queue(desk, endpoint, page, at_once=False)
        return Replayed(queued=queued, next=page[-1].number if len(found) > _REPLAYED else None)


async def _lines(desk: Desk, found: Sequence[Attempt]) -> list[DeliveryView]:
    """Return lines of the log as they may be read now.

    What was sent is shown as it was, but of a referral that was erased since: of that nobody is
    told any more what it was about.
    """
    sealed = [each.response for each in found if each.response is not None]
    opened = iter(await desk.vault.open_many(sealed))
    ids = [entry_id(each.agency, each.number) for each in found if each.number]
    entries = await by_id(desk.store, Entry, ids)
    threads = await by_id(desk.store, Thread, [each.referral for each in entries.values()])
    shown = []
    for each in found:
        line = DeliveryView.of(each, next(opened) if each.response is not None else None)
        entry = entries.get(entry_id(each.agency, each.number))
        thread = threads.get(entry.referral) if entry is not None else None
        if entry is not None and thread is not None and thread.hidden:
            body = json.dumps(cloud_event(entry, thread, desk.source), ensure_ascii=False)
            line = line.model_copy(update={"body": body})
        shown.append(line)
    return shown


async def _redeliver(desk: Desk, endpoint: Endpoint, event: str) -> Replayed:
    entry = await reading.entry_of(desk.store, endpoint.agency, event)
    if entry is None or entry.time < desk.clock.now() - KEPT:
        raise unknown("event of this feed")
    return Replayed(queued=await handlers.queue(desk, endpoint, [entry], at_once=True), next=None)


async def _own(desk: Desk, id: str, caller: Principal) -> Endpoint:
    """Return an endpoint that the caller may manage.

    Raises:
        EnlaceError: there is none, as far as the caller may know.
    """
    endpoint = await desk.store.get(Endpoint, identifier(id))
    if endpoint is None:
        raise unknown(WHAT)
    need_own(caller, endpoint.agency, WHAT)
    return endpoint


def _check_url(url: str, *, local: bool) -> None:
    """Pass only what a webhook could go to; the name itself is looked up at every attempt."""
    try:
        read_url(url, local=local)
    except RefusedAddressError as error:
        raise EnlaceError(error.slug, Kind.MALFORMED, error.why, es=error.es) from None


def _told(
    desk: Desk, endpoint: Endpoint, response: Response, secret: str | None = None
) -> EndpointView:
    set_etag(response, endpoint.version)
    return EndpointView.of(endpoint, desk.clock.now(), secret)
