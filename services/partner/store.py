"""Reading and indexing partner's documents. Changes go through `Store.update` alone."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, TypeVar

from contracts.categories import Category
from services.chassis.store import Aggregate, Change, Found, Ref, Store
from services.partner.model.agency import Agency
from services.partner.model.agreement import Agreement
from services.partner.model.batch import Batch, BatchLink
from services.partner.model.board import Board, MissingError
from services.partner.model.capacity import Capacity
from services.partner.model.confirming import EntriesLink
from services.partner.model.listing import Term
from services.partner.model.names import fold
from services.partner.model.offering import Offering
from services.partner.model.page_link import PageLink
from services.partner.model.service import Service

A = TypeVar("A", Agency, Service)
K = TypeVar("K", bound=Aggregate)
R = TypeVar("R")

_ROUNDS = 50
"""Times that a decision may ask for more; each asks for all that one freed seat count needs."""


class AgencyLink(PageLink):
    """An agency's link to one offer."""

    COLLECTION: ClassVar[str] = "links"

    referral: str
    offer: str
    agency: str


async def create_indexes(store: Store) -> None:
    """Make what the queries below need."""
    for kind in (Agency, Service):
        rows = store.collection(kind)
        await rows.create_index([("name_folded", 1), ("_id", 1)])
        await rows.create_index([("source", 1), ("source_id", 1)])
        await rows.create_index("differences.field", sparse=True)
    await store.collection(Service).create_index([("category", 1), ("retired", 1)])
    await store.collection(Service).create_index([("also", 1), ("retired", 1)])
    await store.collection(Service).create_index("agency")
    await store.collection(Agreement).create_index("agency")
    await store.collection(Capacity).create_index("service")
    await store.collection(Offering).create_index([("offers.agency", 1), ("_id", -1)])
    await store.collection(Offering).create_index("offers.id")
    await store.collection(AgencyLink).create_index("offer")
    await store.collection(Batch).create_index("items.offer")
    await store.collection(Batch).create_index([("agency", 1), ("answer_by", 1)])
    await store.collection(BatchLink).create_index("batch")
    await store.collection(EntriesLink).create_index("agency")
    await store.collection(Offering).create_index("offers.asked_at")
    for read_lately in (Agency, Service, Agreement, Capacity):
        await store.collection(read_lately).create_index("changed_at")


async def decide(
    store: Store,
    refs: Iterable[Ref[Any]],
    decision: Callable[[Board], R],
    *,
    also: Callable[[R], Sequence[Aggregate]] | None = None,
) -> R:
    """Run a decision over offerings and seats in one transaction.

    What it turns out to need besides `refs` is loaded and the decision made again. `also` names
    further documents to enter with its result.

    Raises:
        EnlaceError: what the decision raised; nothing was changed.
    """
    wanted = list(refs)
    signed: dict[str, list[Agreement]] = {}

    def run(found: Found) -> Change[R]:
        board = Board({ref: found.get(ref) for ref in wanted}, signed)
        result = decision(board)
        save = (*board.save, *(also(result) if also else ()))
        return Change(result, save, board.events, board.site)

    for _ in range(_ROUNDS):
        try:
            return await store.update(wanted, run)
        except MissingError as missing:
            wanted += missing.refs
            read = await agreements_of(store, missing.agencies) if missing.agencies else {}
            signed |= {agency: read.get(agency, []) for agency in missing.agencies}
    return await store.update(wanted, run)


def by_name(after: str | None, q: str | None) -> dict[str, Any]:
    """Return a query for names that hold `q`, after a cursor's position."""
    query: dict[str, Any] = {}
    if q:
        query["name_folded"] = {"$regex": re.escape(fold(q))}
    if after is not None:
        name, _, id = after.partition("\n")
        query["$or"] = [{"name_folded": {"$gt": name}}, {"name_folded": name, "_id": {"$gt": id}}]
    return query


def position(named: Agency | Service) -> str:
    """Return where a list goes on after this one."""
    return f"{fold(named.name)}\n{named.id}"


async def list_named(store: Store, kind: type[A], query: dict[str, Any], *, limit: int) -> list[A]:
    """Return agencies or services in the order of their names."""
    sort = [("name_folded", 1), ("_id", 1)]
    return [each async for each in store.find(kind, query, sort=sort, limit=limit)]


def meeting(category: Category) -> dict[str, Any]:
    """Return a query for services that meet a need."""
    return {"$or": [{"category": category.value}, {"also": category.value}]}


async def by_id(store: Store, kind: type[K], ids: Iterable[str]) -> dict[str, K]:
    """Return aggregates by id; those that do not exist are missing."""
    query = {"_id": {"$in": sorted(set(ids))}}
    return {each.id: each async for each in store.find(kind, query)}


async def agreements_of(store: Store, agencies: Iterable[str]) -> dict[str, list[Agreement]]:
    """Return agreements by agency."""
    found: dict[str, list[Agreement]] = {}
    query = {"agency": {"$in": sorted(set(agencies))}}
    async for agreement in store.find(Agreement, query):
        found.setdefault(agreement.agency, []).append(agreement)
    return found


async def imported(store: Store, kind: type[A], source: str) -> dict[str, A]:
    """Return what came from a directory, by id."""
    return {each.id: each async for each in store.find(kind, {"source": source})}


async def listed_terms(store: Store) -> list[Term]:
    """Return the terms of all directories, each once."""
    pipeline: list[dict[str, Any]] = [
        {"$match": {"listing.terms.0": {"$exists": True}}},
        {"$project": {"listing.terms": 1}},
        {"$unwind": "$listing.terms"},
        {
            "$group": {
                "_id": {"t": "$listing.terms.taxonomy", "i": "$listing.terms.id"},
                "term": {"$first": "$listing.terms"},
            }
        },
        {"$sort": {"_id": 1}},
    ]
    rows = await store.collection(Service).aggregate(pipeline)
    return [Term.model_validate(row["term"]) async for row in rows]
