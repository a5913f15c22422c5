"""API keys over HTTP."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.chassis.auth import Principal, Role
from services.chassis.errors import forbidden, unknown
from services.chassis.http.commands import Identifier, fingerprint, identifier
from services.partner.subscriptions import handlers
from services.partner.subscriptions import store as reading
from services.partner.subscriptions.api.bodies import KeyBody, Keys, KeyView, NothingBody
from services.partner.subscriptions.api.caller import AllowKey, agency_of, need_own, scopes_of
from services.partner.subscriptions.handlers import Desk
from services.partner.subscriptions.model.key import ApiKey, Scope


def wish_of(body: KeyBody, id: str, secret: bytes, now: datetime) -> ApiKey:
    """Return the key that a body asks for, whose agency it names; without its hash.

    Raises:
        EnlaceError: the id is none.
    """
    return ApiKey(
        id=identifier(id),
        agency=body.agency or "",
        name=body.name,
        hash="",
        shown="",
        scopes=body.scopes,
        created_at=now,
        expires=now + timedelta(days=body.days),
        fingerprint=fingerprint(secret, body),
    )


def keys_router(desk: Desk, secret: bytes) -> APIRouter:
    """Return the router; `secret` keys fingerprints of bodies."""
    router = APIRouter(prefix="/v1/api-keys", tags=["api-keys"])
    rule_ = AllowKey(desk, Scope.KEYS, Role.ADMIN, Role.AGENCY_ADMIN)
    manager = Annotated[Principal, Depends(rule_)]

    @router.put("/{id}")
    async def put_key(id: Identifier, body: KeyBody, caller: manager) -> KeyView:
        """Make a key, shown once; with `replaces`, the former one works for a day beside it."""
        agency = agency_of(caller, body.agency)
        own = scopes_of(caller)
        if own is not None and not set(body.scopes) <= set(own):
            raise forbidden(
                "A key can make keys of its own scopes only. Nothing was made.",
                es="Una clave solo puede crear claves con sus propios permisos. No se creó nada.",
            )
        wish = wish_of(body.model_copy(update={"agency": agency}), id, secret, desk.clock.now())
        replaces = identifier(body.replaces) if body.replaces is not None else None
        kept, text = await handlers.make_key(desk, wish, replaces)
        return KeyView.of(kept, text)

    @router.get("")
    async def list_keys(
        caller: manager, agency: Annotated[str | None, Query(max_length=36)] = None
    ) -> Keys:
        """List an agency's keys, with when each was used last."""
        found = await reading.keys_of(desk.store, agency_of(caller, agency))
        return Keys(items=[KeyView.of(each) for each in found])

    @router.post("/{id}/revoke")
    async def revoke(id: Identifier, body: NothingBody, caller: manager) -> KeyView:
        """End a key at once; a repeat changes nothing."""
        del body
        known = await desk.store.get(ApiKey, identifier(id))
        if known is None:
            raise unknown("API key")
        need_own(caller, known.agency, "API key")
        after = await handlers.change_key(
            desk.store, known.id, lambda key: key.having(revoked=True)
        )
        return KeyView.of(after)

    return router
