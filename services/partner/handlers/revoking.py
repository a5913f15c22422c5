"""Taking agencies' links back, for a message that went astray or a telephone that was lost."""

from collections.abc import Sequence
from typing import Any

from services.chassis.store import Change, Found, Ref, Store
from services.partner.model.batch import Batch, BatchLink
from services.partner.model.confirming import EntriesLink
from services.partner.store import AgencyLink


async def links_of_offer(store: Store, offer: str) -> int:
    """Take back an offer's links, and that to the page of many on which it came; returns how many.

    From that page one comes to the offer's own, once it is taken.
    """
    batches = [each.id async for each in store.find(Batch, {"items.offer": offer})]
    refs: list[Ref[Any]] = [
        *[Ref(AgencyLink, each.id) async for each in store.find(AgencyLink, {"offer": offer})],
        *[
            Ref(BatchLink, each.id)
            async for each in store.find(BatchLink, {"batch": {"$in": batches}})
        ],
    ]
    return await _revoke(store, refs)


async def links_to_entries(store: Store, agency: str) -> int:
    """Take back the links by which an agency confirms its entries; returns how many there were."""
    found = store.find(EntriesLink, {"agency": agency})
    return await _revoke(store, [Ref(EntriesLink, each.id) async for each in found])


async def _revoke(store: Store, refs: Sequence[Ref[Any]]) -> int:
    def revoke(found: Found) -> Change[None]:
        known = [link for ref in refs if (link := found.get(ref)) is not None]
        return Change(None, [link.having(revoked=True) for link in known if not link.revoked])

    await store.update(refs, revoke)
    return len(refs)
