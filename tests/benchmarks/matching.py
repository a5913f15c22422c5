"""Matching one need over a whole directory, beside a bare MongoDB filter on the same services."""

import random
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from contracts.categories import Category
from contracts.codes import AgreementStatus, CapacityUnit, Channel, DayPart, Language
from contracts.sealed import Sealed
from services.chassis.clock import SystemClock
from services.chassis.database import Database, Document
from services.chassis.events.log import EventLog
from services.chassis.ids import new_id
from services.chassis.sites import Site, Sites
from services.chassis.store import Aggregate, Store
from services.partner.api.matches import SHOWN, view
from services.partner.handlers.matching import Matcher
from services.partner.model.agency import Agency, Contact
from services.partner.model.agreement import Agreement
from services.partner.model.capacity import Capacity, capacity_id
from services.partner.model.matching.need import Need
from services.partner.model.matching.weights import Weights
from services.partner.model.service import Place, Service
from services.partner.model.terms import Cost, Hours, Terms, Weekday
from services.partner.shelf import Shelf
from services.partner.store import create_indexes
from tests.benchmarks import load
from tests.benchmarks.measure import compare, say
from tests.benchmarks.report import AT_MOST, Result
from tests.servers import Cell

GOAL = 1.5
GOAL_MS = 15.0
SITE_IDS = tuple(f"site-{number:02}" for number in range(1, 13))
ZIPS = tuple(f"946{number:02}" for number in range(1, 21))
_BATCH = 500
_MIDDLE = (37.78, -122.22)


def directory(count: int) -> list[Aggregate]:
    """Return services of all kinds, ten to an agency, with agreements and seats at each school."""
    chance = random.Random(21)
    now = datetime.now(UTC)
    made: list[Aggregate] = []
    for number in range(0, count, 10):
        agency = new_id()
        contact = Contact(
            id=new_id(), reads=Language.ENGLISH, channels=(Channel.EMAIL,), profile=Sealed("QUJD")
        )
        made.append(Agency(id=agency, name=f"Agency {number}", contacts=(contact,)))
        made.append(
            Agreement(
                id=new_id(),
                agency=agency,
                status=AgreementStatus.ACTIVE,
                sites=tuple(chance.sample(SITE_IDS, 10)),
                starts=date(2020, 1, 1),
                until=now.date() + timedelta(days=chance.choice((30, 300))),
                zone="America/Los_Angeles",
            )
        )
        for _ in range(min(10, count - number)):
            service = _service(chance, agency)
            made.append(service)
            made += [
                Capacity(
                    id=capacity_id(service.id, site),
                    service=service.id,
                    agency=agency,
                    site=site,
                    category=service.category,
                    unit=CapacityUnit.SEATS,
                    maximum=10,
                    elsewhere=chance.randrange(11),
                    as_of=now - timedelta(days=chance.randrange(30)),
                )
                for site in chance.sample(SITE_IDS, 3)
            ]
    return made


def _service(chance: random.Random, agency: str) -> Service:
    kinds = list(Category)
    lowest = chance.choice((None, 0, 5, 12))
    return Service(
        id=new_id(),
        agency=agency,
        name=f"Service {chance.randrange(100_000)}",
        category=chance.choice(kinds),
        also=tuple(chance.sample(kinds, chance.choice((0, 0, 1)))),
        description="What it does for whom, in the words of its directory. " * 6,
        sites=tuple(chance.sample(SITE_IDS, 6)) if chance.random() < 0.2 else (),
        languages=tuple(chance.sample(("en", "es", "vi", "tl", "mam"), chance.choice((0, 1, 2)))),
        minimum_age=lowest,
        maximum_age=None if lowest is None else lowest + chance.choice((6, 12)),
        locations=tuple(
            Place(
                name="Centre",
                postal_code=chance.choice(ZIPS),
                latitude=_MIDDLE[0] + chance.uniform(-0.2, 0.2),
                longitude=_MIDDLE[1] + chance.uniform(-0.2, 0.2),
            )
            for _ in range(chance.choice((1, 1, 2)))
        ),
        terms=Terms(
            first_grade=chance.choice((None, "KG", "06")),
            insurance=chance.choice(((), ("medi-cal", "none"), ("kaiser",))),
            zips=tuple(chance.sample(ZIPS, 12)) if chance.random() < 0.3 else (),
            interpreter=chance.choice((None, True)),
            cost=chance.choice((None, *Cost)),
            hours=tuple(
                Hours(day=day, opens_at="09:00", closes_at=chance.choice(("12:00", "18:30")))
                for day in list(Weekday)[:5]
            ),
        ),
    )


def needs(count: int) -> list[Need]:
    """Return what coordinators ask about."""
    chance = random.Random(22)
    return [
        Need(
            category=chance.choice(list(Category)),
            site=chance.choice(SITE_IDS),
            age=chance.randrange(5, 18),
            grade=chance.randrange(13),
            insurance=chance.choice((None, "medi-cal", "kaiser")),
            home_zip=chance.choice(ZIPS),
            language=chance.choice(("en", "es", "vi")),
            language_needed=chance.random() < 0.3,
            times=frozenset({chance.choice(list(DayPart))}),
        )
        for _ in range(count)
    ]


def bare(need: Need) -> Document:
    """Return the filters that a query can carry: no agreement, no seats, no score, no reason."""

    def unless_told(field: str, *conditions: Document) -> Document:
        return {"$or": [{field: None}, *conditions]}

    conditions: list[Document] = [
        {"$or": [{"category": need.category.value}, {"also": need.category.value}]},
        {"$or": [{"sites": []}, {"sites": need.site}]},
        unless_told("minimum_age", {"minimum_age": {"$lte": need.age}}),
        unless_told("maximum_age", {"maximum_age": {"$gte": need.age}}),
        {"$or": [{"terms.zips": []}, {"terms.zips": need.home_zip}]},
    ]
    if need.insurance:
        conditions.append({"$or": [{"terms.insurance": []}, {"terms.insurance": need.insurance}]})
    if need.language_needed:
        conditions.append(
            {"$or": [{"languages": []}, {"languages": need.language}, {"terms.interpreter": True}]}
        )
    return {"retired": False, "$and": conditions}


async def fill(data: Database, made: list[Aggregate]) -> None:
    """Write the directory as the store does."""
    rows: dict[str, list[Document]] = {}
    for each in made:
        document = {**each.to_document(), "version": 1, "changed_at": _LONG_AGO}
        rows.setdefault(each.COLLECTION, []).append(document)
    for collection, documents in rows.items():
        for start in range(0, len(documents), _BATCH):
            await data[collection].insert_many(documents[start : start + _BATCH], ordered=False)


_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


async def run(cell: Cell, folder: Path, *, short: bool) -> list[Result]:
    """Measure."""
    del folder
    count = 500 if short else 5_000
    asked = needs(40 if short else 400)
    async with load.database(cell, "matching") as data:
        store = Store(data, EventLog(data, source="bench", clock=SystemClock()))
        await create_indexes(store)
        await fill(data, directory(count))
        return [await _measured(data, store, asked, count, short=short)]


async def _measured(
    data: Database, store: Store, asked: list[Need], count: int, *, short: bool
) -> Result:
    schools = {
        id: Site(name=id, coordinator="", phone="", latitude=_MIDDLE[0], longitude=_MIDDLE[1])
        for id in SITE_IDS
    }
    shelf = Shelf(store, SystemClock(), Sites(schools))
    matcher = Matcher(shelf, SystemClock(), Weights(), timedelta(days=14), timedelta(days=210))
    began = time.perf_counter()
    await shelf.fresh()
    loading = time.perf_counter() - began

    async def ours(need: Need) -> Any:
        return view(await matcher.find(need), SHOWN)

    async def filtered(need: Need) -> Any:
        return await data[Service.COLLECTION].find(bare(need)).to_list()

    mine, its, middles = [], [], []
    for number in range(-1 if not short else 0, 1 if short else 5):
        took, other = await timed(ours, asked), await timed(filtered, asked)
        if number >= 0:
            mine.append(_p95(took))
            its.append(_p95(other))
            middles.append(statistics.median(took))
            say(f"  round {number + 1}: ours {mine[-1]:.1f} ms, filter {its[-1]:.1f} ms (p95)")
    await shelf.close()
    result = compare(
        "need-matching",
        f"p95 of {len(asked)} different needs weighed against a directory of {count:,} services of "
        "20 kinds, with what has changed lately read first, agreements, seats, distances, every "
        "reason, and the best fifty put into words; beside a MongoDB query with the filters that a "
        "query can carry, which reads the services that pass and weighs nothing.",
        "ms",
        ours=("matching", mine),
        other=("MongoDB filter", its),
        goal=None if short else GOAL,
        direction=AT_MOST,
        kind="limit",
    )
    result.notes += [
        f"Goal besides: p95 at most {GOAL_MS:.0f} ms; p50 was {statistics.median(middles):.1f}.",
        f"The directory was read into memory in {loading:.1f} s, once.",
    ]
    return result


async def timed(ask: Callable[[Need], Awaitable[Any]], asked: list[Need]) -> list[float]:
    """Return what each need took, sorted, in milliseconds."""
    found = []
    for need in asked:
        began = time.perf_counter()
        await ask(need)
        found.append((time.perf_counter() - began) * 1_000)
    return sorted(found)


def _p95(values: list[float]) -> float:
    return values[int(len(values) * 0.95)]
