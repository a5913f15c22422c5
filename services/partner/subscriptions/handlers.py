"""What is done to endpoints, their lanes and keys. Secrets are sealed before the transaction."""

import secrets as entropy
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from contracts.agencies import WebhookEnd
from contracts.sealed import Sealed
from services.chassis.clock import Clock
from services.chassis.errors import rule, unknown
from services.chassis.http.commands import check_repeat, check_version
from services.chassis.privacy import Vault
from services.chassis.rates import Rates
from services.chassis.store import Change, Found, Ref, Store
from services.partner.model.agency import Agency
from services.partner.subscriptions.model import key as keys
from services.partner.subscriptions.model import signatures
from services.partner.subscriptions.model.endpoint import (
    MOST_ENDPOINTS,
    Endpoint,
    Secret,
    State,
    gone,
    key_name,
)
from services.partner.subscriptions.model.entry import SOURCE, Entry
from services.partner.subscriptions.model.key import ApiKey
from services.partner.subscriptions.model.lane import Lane, lane_id
from services.partner.subscriptions.store import endpoints_of, keys_of, lanes_waiting

_SLICE = 500
"""Lanes that one transaction changes."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the commands below work with.

    Attributes:
        vault: of the secrets of endpoints.
        rates: how often each key may call.
        source: of the events that agencies are told.
    """

    store: Store
    vault: Vault
    clock: Clock
    rates: Rates
    source: str = SOURCE


async def make_endpoint(desk: Desk, wish: Endpoint) -> tuple[Endpoint, str | None]:
    """Enter an endpoint; returns it and its secret, which a repeat is not shown again.

    Raises:
        EnlaceError: its agency is not known, it has too many, or the id stands for something else.
    """
    secret, sealed = await _fresh_secret(desk, wish.id)
    others = [each for each in await endpoints_of(desk.store, [wish.agency]) if each.id != wish.id]
    refs = Ref(Endpoint, wish.id), Ref(Agency, wish.agency)

    def make(found: Found) -> Change[tuple[Endpoint, str | None]]:
        known = found.get(refs[0])
        if known is not None:
            if known.agency != wish.agency:
                raise unknown("webhook endpoint")
            check_repeat(known.created, wish.created)
            if known.state is State.DELETED:
                raise gone()
            return Change((known, None))
        agency = found.get(refs[1])
        if agency is None or agency.retired:
            raise unknown("agency")
        if len(others) >= MOST_ENDPOINTS:
            raise rule(
                "too-many-endpoints",
                f"This agency has {MOST_ENDPOINTS} endpoints already. Nothing was changed: delete "
                "one that is not needed, then send this again.",
                es=f"Esta agencia ya tiene {MOST_ENDPOINTS} destinos. No se cambió nada: elimine "
                "uno que no necesite y envíe esto otra vez.",
            )
        fresh = wish.having(secrets=(Secret(sealed=sealed),))
        return Change((fresh.having(version=1), secret), [fresh])

    return await desk.store.update(refs, make)


async def change_endpoint(
    desk: Desk,
    id: str,
    change: Callable[[Endpoint], Endpoint],
    *,
    expected: int | None = None,
) -> Endpoint:
    """Change an endpoint; what changes nothing is not written.

    Raises:
        EnlaceError: there is none, it was deleted, or it has changed since `expected`.
    """
    ref = Ref(Endpoint, id)

    def run(found: Found) -> Change[Endpoint]:
        known = found.get(ref)
        if known is None:
            raise unknown("webhook endpoint")
        if known.state is State.DELETED:
            raise gone()
        if expected is not None:
            check_version(expected, known.version)
        after = change(known)
        if after == known:
            return Change(known)
        return Change(after.having(version=known.version + 1), [after])

    return await desk.store.update([ref], run)


async def rotate_secret(desk: Desk, id: str, *, expected: int) -> tuple[Endpoint, str]:
    """Give an endpoint a fresh secret; the former one signs beside it for a day.

    Raises:
        EnlaceError: as for any change.
    """
    secret, sealed = await _fresh_secret(desk, id)
    now = desk.clock.now()
    after = await change_endpoint(
        desk, id, lambda known: known.rotated(sealed, now), expected=expected
    )
    return after, secret


async def disable(desk: Desk, id: str) -> Endpoint:
    """Stop sending to an endpoint; what waits for it is kept."""
    now = desk.clock.now()
    return await change_endpoint(desk, id, lambda known: known.disabled(WebhookEnd.REQUESTED, now))


async def delete(desk: Desk, id: str) -> None:
    """Delete an endpoint: what waits for it is dropped, its secrets can be read by nobody."""
    known = await desk.store.get(Endpoint, id)
    if known is None:
        raise unknown("webhook endpoint")
    if known.state is not State.DELETED:
        await change_endpoint(desk, id, Endpoint.deleted)
    while waiting := await lanes_waiting(desk.store, id, _SLICE):
        refs = [Ref(Lane, each) for each in waiting]

        def empty(found: Found, refs: Sequence[Ref[Lane]] = refs) -> Change[None]:
            lanes = [lane for ref in refs if (lane := found.get(ref)) is not None]
            return Change(None, [each.having(queue=(), next_due=None) for each in lanes])

        await desk.store.update(refs, empty)
    await desk.vault.destroy_key(key_name(id))


async def queue(desk: Desk, endpoint: Endpoint, entries: Sequence[Entry], *, at_once: bool) -> int:
    """Have entries delivered again, in order; returns how many the endpoint wants.

    Raises:
        EnlaceError: the endpoint is disabled.
    """
    if endpoint.state is not State.ENABLED:
        raise rule(
            "endpoint-disabled",
            "This endpoint is disabled. Nothing was queued: enable it first, then repeat this.",
            es="Este destino está desactivado. No se puso nada en cola: actívelo primero y repita "
            "esto.",
        )
    by_lane: dict[str, list[Entry]] = {}
    for each in entries:
        if endpoint.wants(each):
            by_lane.setdefault(lane_id(endpoint.id, each.referral), []).append(each)
    ids = list(by_lane)
    for start in range(0, len(ids), _SLICE):
        refs = [Ref(Lane, each) for each in ids[start : start + _SLICE]]

        def put(found: Found, refs: Sequence[Ref[Lane]] = refs) -> Change[None]:
            now = desk.clock.now()
            lanes = []
            for ref in refs:
                own = by_lane[ref.id]
                lane = found.get(ref) or Lane(
                    id=ref.id,
                    endpoint=endpoint.id,
                    agency=endpoint.agency,
                    referral=own[0].referral,
                )
                lanes.append(lane.put([x.number for x in own], now, at_once=at_once))
            return Change(None, lanes)

        await desk.store.update(refs, put)
    return sum(map(len, by_lane.values()))


async def make_key(desk: Desk, wish: ApiKey, replaces: str | None) -> tuple[ApiKey, str | None]:
    """Enter an API key; returns it and its text, which a repeat is not shown again.

    Args:
        desk: what it works with.
        wish: without its hash.
        replaces: a key of the same agency that ends a day later.

    Raises:
        EnlaceError: its agency or the key that it replaces is not known, the agency has too many,
            or the id stands for something else.
    """
    text = keys.write_key(entropy.token_bytes(keys.KEY_BYTES))
    now = desk.clock.now()
    others = [
        each
        for each in await keys_of(desk.store, wish.agency)
        if each.works(now) and each.id not in {wish.id, replaces}
    ]
    ref, agency_ref, old = (
        Ref(ApiKey, wish.id),
        Ref(Agency, wish.agency),
        Ref(ApiKey, replaces or ""),
    )

    def make(found: Found) -> Change[tuple[ApiKey, str | None]]:
        known = found.get(ref)
        if known is not None:
            if known.agency != wish.agency:
                raise unknown("API key")
            check_repeat(known.fingerprint, wish.fingerprint)
            return Change((known, None))
        agency = found.get(agency_ref)
        if agency is None or agency.retired:
            raise unknown("agency")
        former = found.get(old)
        if replaces is not None and (former is None or former.agency != wish.agency):
            raise unknown("API key")
        if len(others) >= keys.MOST_KEYS:
            raise rule(
                "too-many-keys",
                f"This agency has {keys.MOST_KEYS} keys that work already. Nothing was changed: "
                "revoke one that is not needed, then send this again.",
                es=f"Esta agencia ya tiene {keys.MOST_KEYS} claves vigentes. No se cambió nada: "
                "revoque una que no necesite y envíe esto otra vez.",
            )
        fresh = wish.having(hash=keys.hash_key(text), shown=keys.shown_of(text))
        ending = [] if former is None else [former.replaced(now)]
        return Change((fresh.having(version=1), text), [fresh, *ending])

    return await desk.store.update([ref, agency_ref, old], make)


async def change_key(store: Store, id: str, change: Callable[[ApiKey], ApiKey | None]) -> ApiKey:
    """Change a key; None changes nothing.

    Raises:
        EnlaceError: there is none.
    """
    ref = Ref(ApiKey, id)

    def run(found: Found) -> Change[ApiKey]:
        known = found.get(ref)
        if known is None:
            raise unknown("API key")
        after = change(known)
        if after is None or after == known:
            return Change(known)
        return Change(after.having(version=known.version + 1), [after])

    return await store.update([ref], run)


async def _fresh_secret(desk: Desk, endpoint: str) -> tuple[str, Sealed]:
    secret = signatures.write_secret(entropy.token_bytes(signatures.SECRET_BYTES))
    await desk.vault.create_key(key_name(endpoint))
    return secret, await desk.vault.seal(key_name(endpoint), secret)
