"""The whole service on a real broker and database: what it keeps, rebuilds and shows to whom."""

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.categories import Category
from contracts.referral_marks import Marks, ReferralMarked
from contracts.referrals import ReferralCreated, ReferralEnteredInError, ReferralErased
from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.chassis.privacy import Vault, read_root_key
from services.chassis.settings import Role
from services.reporting.main import build
from services.reporting.settings import ReportingSettings
from tests.reporting.build import (
    Stream,
    accepted,
    created,
    helped,
    offered,
    producer,
    seats,
    unmet,
    until,
)
from tests.running import Running, create_topics, person, running
from tests.servers import Cell

PEOPLE = {
    "rosa": person("rosa", "coordinator:site-01"),
    "denise": person("denise", "coordinator:site-02"),
    "nurse": person("nurse", "care-team:site-01"),
    "principal": person("principal", "leadership:site-01"),
    "leaders": person("leaders", "leadership:*"),
    "admin": person("admin", "admin"),
    "farah": person("farah", "operator"),
    "agency": person("agency", "agency:a1"),
}
CLOCK = FixedClock(datetime(2026, 11, 22, 18, tzinfo=UTC))


@contextlib.asynccontextmanager
async def reporting(cell: Cell, keys: Path, clock: FixedClock = CLOCK) -> AsyncIterator[Running]:
    async with running(
        "reporting", build, ReportingSettings, cell, keys, PEOPLE, clock=clock, role=Role.ALL
    ) as service:
        yield service


async def get(service: Running, path: str, who: str = "rosa") -> Any:
    return (await service.http.get(path, headers=service.as_(who))).json()


async def groups(service: Running) -> set[str]:
    """Return the consumer groups that run."""
    return {runner.health()["group"] for runner in service.service.runners}


async def rebuilt(service: Running, name: str, *, switch: str = "") -> Any:
    """Rebuild a read model and return how it ended."""
    path = f"/v1/operations/read-models/{name}/rebuild{switch}"
    asked = await service.http.post(path, headers=service.as_("farah"))
    assert asked.status_code == 202, asked.text

    async def look() -> Any:
        rows = await get(service, "/v1/operations/read-models", "farah")
        return next(row for row in rows if row["name"] == name)

    return await until(look, lambda row: row["rebuild"]["finished_at"], 60)


async def test_a_closed_loop_is_shown_with_both_ends_and_two_rates(
    cell: Cell, tmp_path: Path
) -> None:
    await create_topics(cell)
    stream, one, other = Stream(), new_id(), new_id()
    stream.add(*helped(one), *unmet(other))
    async with reporting(cell, tmp_path) as service, producer(cell) as publish:
        for event, envelope in stream.sent:
            await publish(event, envelope)
        path = f"/v1/referral-facts/{one}"
        facts = await until(lambda: get(service, path), lambda it: it.get("family_verified_at"))
        assert facts["partner_closed_at"] < facts["family_verified_at"]
        elsewhere = await service.http.get(path, headers=service.as_("denise"))
        assert elsewhere.status_code == 404, "another school's times point to a child"
        await until(lambda: get(service, path), lambda it: it["declined"] == ["no-capacity"])
        funnel = await until(lambda: get(service, "/v1/funnel"), lambda it: it["created"] == 2)
        assert funnel["accepted"] == 1
        assert funnel["partner_closed_rate"] == 1.0
        assert funnel["family_verified_rate"] == 1.0
        assert funnel["accepted_within_hours"] == 4
        lacking = await until(lambda: get(service, "/v1/unmet"), lambda it: it["count"] == 1)
        assert lacking["by_category"][0]["reasons"] == {"no-capacity": 1}


async def test_rebuilt_equals_kept_with_duplicates_and_late_events_and_is_followed_at_once(
    cell: Cell, tmp_path: Path
) -> None:
    await create_topics(cell)
    stream, ids = Stream(), [new_id() for _ in range(12)]
    for id in ids:
        stream.add(*helped(id))
    stream.add(ReferralEnteredInError(referral=ids[0]), *unmet(new_id()))
    stream.add(seats("s1", 5, 1), seats("s1", 3, 2), seats("s2", 1, 1, site="site-02"))
    async with reporting(cell, tmp_path) as service, producer(cell) as publish:
        # A relay that woke late publishes again what was published: after everything else.
        for event, envelope in [*stream.sent, *stream.sent[::3]]:
            await publish(event, envelope)
        # All of it has come: also the error, which takes a whole referral out of the counts.
        wrong = {"_id": ids[0], "referral.entered_in_error_at": {"$exists": True}}
        kept = service.chassis.database["referral_facts_v1_g1"]
        await until(lambda: kept.count_documents(wrong), lambda it: it == 1)
        await until(
            lambda: get(service, "/v1/funnel"),
            lambda it: (it["created"], it["accepted"], it["family_verified"]) == (12, 11, 11),
        )
        before = await get(service, "/v1/funnel")
        ended = await rebuilt(service, "referral-facts")
        assert ended["rebuild"]["state"] == "switched", ended
        assert ended["generation"] == 2
        assert ended["rebuild"]["report"]["compared"] == 13
        assert await get(service, "/v1/funnel") == before

        late = Stream()
        late.add(created(new_id()))
        for event, envelope in late.sent:
            await publish(event, envelope)
        await until(lambda: get(service, "/v1/funnel"), lambda it: it["created"] == 13)
        steady = {"reporting-district", "reporting-erasures"}
        wanted = {"referral-facts.v1.g2", "seats.v1.g1"} | steady
        await until(lambda: groups(service), lambda it: it == wanted)

        only_compared = await rebuilt(service, "seats", switch="?switch=never")
        assert only_compared["rebuild"]["state"] == "equal"
        assert only_compared["generation"] == 1
        assert (await rebuilt(service, "seats"))["generation"] == 3
        answer = await get(service, "/v1/seats")
        assert answer["sums"][0]["available"] == 3


async def test_a_read_model_that_was_tampered_with_is_found_and_kept_until_told(
    cell: Cell, tmp_path: Path
) -> None:
    await create_topics(cell)
    stream, id = Stream(), new_id()
    stream.add(*helped(id))
    async with reporting(cell, tmp_path) as service, producer(cell) as publish:
        for event, envelope in stream.sent:
            await publish(event, envelope)
        path = f"/v1/referral-facts/{id}"
        await until(lambda: get(service, path), lambda it: it.get("family_verified_at"))
        rows = service.chassis.database["referral_facts_v1_g1"]
        await rows.update_one({"_id": id}, {"$set": {"referral.outcome": "no-show"}})
        ended = await rebuilt(service, "referral-facts")
        assert ended["rebuild"]["state"] == "different"
        assert ended["rebuild"]["report"]["differences"] == [
            {"id": id, "fields": ["referral.outcome"]}
        ]
        assert (await get(service, path))["outcome"] == "no-show"
        told = await service.http.post(
            "/v1/operations/read-models/referral-facts/compare?switch=always",
            headers=service.as_("farah"),
        )
        assert told.status_code == 202
        await until(lambda: get(service, path), lambda it: it["outcome"] == "need-met")


async def test_a_key_whose_event_was_discarded_is_told_as_standing_still_with_its_place(
    cell: Cell, tmp_path: Path
) -> None:
    await create_topics(cell)
    stream, id = Stream(), new_id()
    stream.add(*helped(id))
    async with reporting(cell, tmp_path) as service, producer(cell) as publish:
        for event, envelope in stream.sent:
            if (event.TOPIC.name, envelope.sequence) != ("referrals", 2):  # lost on its way
                await publish(event, envelope)
        parked = "/v1/operations/parked"
        behind = sum(event.TOPIC.name == "referrals" for event, _ in stream.sent) - 2
        await until(
            lambda: get(service, parked, "farah"),
            lambda it: [each["waiting"] for each in it] == [behind],
        )
        where = {"group": "referral-facts.v1.g1", "topic": "referrals", "key": id}

        async def drop() -> Any:
            answer = await service.http.post(
                f"{parked}/discard", json=where, headers=service.as_("farah")
            )
            return answer.json()

        # The key's events on other topics may be written at this moment: then it is asked again.
        await until(drop, lambda it: it.get("still_parked") == 0)

        report = (await rebuilt(service, "referral-facts"))["rebuild"]["report"]

        assert report["stopped"] == [f"referral-facts.v1.g2|referrals|{id}"]
        assert report["moving"] == 0


async def test_the_leadership_sees_no_number_that_could_point_to_a_child(
    cell: Cell, tmp_path: Path
) -> None:
    await create_topics(cell)
    stream = Stream()
    ids = [new_id() for _ in range(24)]
    for id in ids:
        stream.add(created(id), offered(id))
    for id in ids[:12]:
        stream.add(accepted(id))
    for _ in range(3):
        stream.add(created(new_id(), need=Category.FOOD))
    async with reporting(cell, tmp_path) as service, producer(cell) as publish:
        for event, envelope in stream.sent:
            await publish(event, envelope)
        await until(lambda: get(service, "/v1/funnel"), lambda it: it["created"] == 27)
        await until(lambda: get(service, "/v1/funnel"), lambda it: it["accepted"] == 12)
        for who in ("principal", "leaders"):
            shown = await get(service, "/v1/funnel?site=site-01", who)
            assert shown["published"]
            assert shown["before"] == "2026-11"
            by_need = {row["category"]: row for row in shown["by_category"]}
            assert by_need["food"]["created"] is None
            # Either the total or the other need is hidden too: one less the other gives food away.
            assert None in (shown["created"], by_need["dental"]["created"])
        exact = await get(service, "/v1/funnel?site=site-01")
        assert (exact["created"], exact["published"]) == (27, False)


async def test_programmes_are_counted_from_the_log_and_small_numbers_are_for_who_works_there(
    cell: Cell, tmp_path: Path
) -> None:
    await create_topics(cell)
    stream = Stream()
    async with reporting(cell, tmp_path) as service, producer(cell) as publish:
        chassis = service.chassis
        name = chassis.settings.database("keys_people")
        vault = Vault(chassis.mongo, name, read_root_key(tmp_path))
        await vault.prepare()

        async def referred(*programmes: str) -> tuple[ReferralCreated, ReferralMarked]:
            first = created(new_id())
            assert isinstance(first, ReferralCreated)
            await vault.create_key(first.student)
            marks = await vault.seal(first.student, Marks(programmes=programmes))
            return first, ReferralMarked(referral=first.referral, marks=marks)

        many = [await referred("free-lunch") for _ in range(24)]
        few = [await referred("foster", "free-lunch") for _ in range(3)]
        for pair in (*many, *few):
            stream.add(*pair)
        stream.add(*[created(new_id()) for _ in range(12)])
        for event, envelope in stream.sent:
            await publish(event, envelope)
        kept = chassis.database["referral_facts_v1_g1"]
        assert await until(lambda: kept.count_documents({}), lambda it: it == 39)

        async def counted(who: str = "rosa") -> dict[str, int | None]:
            told = await get(service, "/v1/programmes?site=site-01", who)
            return {row["programme"]: row["created"] for row in told["programmes"]}

        await until(counted, lambda it: it == {"foster": 3, "free-lunch": 27})
        for who in ("principal", "leaders"):
            assert await counted(who) == {"free-lunch": 27}

        # A family is erased: its key first, and then its referral's kind.
        gone, _ = few[0]
        await vault.destroy_key(gone.student)
        late = Stream()
        late.add(created(gone.referral), ReferralErased(referral=gone.referral))
        await publish(*late.sent[1])
        expected = {"foster": 2, "free-lunch": 26, "unknown": 1}
        await until(counted, lambda it: it == expected)
        ended = await rebuilt(service, "referral-facts")
        assert ended["rebuild"]["state"] == "switched", ended
        assert await counted() == expected
        await vault.close()


async def test_the_leadership_sees_closed_months_alone(cell: Cell, tmp_path: Path) -> None:
    await create_topics(cell)
    closed, still_open = Stream(), Stream(datetime(2026, 11, 2, 17, tzinfo=UTC))
    closed.add(*[created(new_id()) for _ in range(12)])
    still_open.add(*[created(new_id()) for _ in range(11)])
    async with reporting(cell, tmp_path) as service, producer(cell) as publish:
        for event, envelope in (*closed.sent, *still_open.sent):
            await publish(event, envelope)
        await until(lambda: get(service, "/v1/funnel"), lambda it: it["created"] == 23)
        # Shown day by day, the number would tell who was added.
        shown = await get(service, "/v1/funnel?site=site-01", "principal")
        assert (shown["created"], shown["before"]) == (12, "2026-11")


async def test_what_is_published_stays_until_the_next_month_closes(
    cell: Cell, tmp_path: Path
) -> None:
    await create_topics(cell)
    first, late = Stream(), Stream(datetime(2026, 10, 30, 17, tzinfo=UTC))
    first.add(*[created(new_id()) for _ in range(12)])
    late.add(*[created(new_id()) for _ in range(11)])
    clock = FixedClock(CLOCK.now())
    path = "/v1/funnel?site=site-01"
    async with reporting(cell, tmp_path, clock) as service, producer(cell) as publish:
        for event, envelope in first.sent:
            await publish(event, envelope)
        await until(lambda: get(service, "/v1/funnel"), lambda it: it["created"] == 12)
        assert (await get(service, path, "principal"))["created"] == 12
        for event, envelope in late.sent:
            await publish(event, envelope)
        await until(lambda: get(service, "/v1/funnel"), lambda it: it["created"] == 23)
        assert (await get(service, path, "principal"))["created"] == 12

        clock.advance(timedelta(days=31))
        assert (await get(service, path, "principal"))["created"] == 23
        assert (await get(service, path, "leaders"))["before"] == "2026-12"


async def test_the_leadership_sees_what_is_offered_and_no_child_in_a_seat(
    cell: Cell, tmp_path: Path
) -> None:
    await create_topics(cell)
    stream = Stream()
    stream.add(seats("s1", 3, 1))
    async with reporting(cell, tmp_path) as service, producer(cell) as publish:
        for event, envelope in stream.sent:
            await publish(event, envelope)
        exact = await until(lambda: get(service, "/v1/seats"), lambda it: it["sums"] != [])
        assert (exact["sums"][0]["used"], len(exact["services"])) == (2, 1)
        for who in ("principal", "leaders"):
            shown = await get(service, "/v1/seats", who)
            assert shown["services"] == []
            (row,) = shown["sums"]
            assert row["maximum"] == 5
            assert {row[name] for name in ("available", "held", "used", "waitlisted")} == {None}


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v1/funnel?site=site-01", {"rosa", "principal", "leaders", "admin"}),
        ("/v1/programmes?site=site-01", {"rosa", "principal", "leaders", "admin"}),
        ("/v1/unmet?site=site-01", {"rosa", "principal", "leaders", "admin"}),
        ("/v1/seats?site=site-01", {"rosa", "nurse", "principal", "leaders", "admin"}),
        ("/v1/operations/read-models", {"farah"}),
    ],
)
async def test_who_may_see_a_schools_numbers(
    path: str, allowed: set[str], cell: Cell, tmp_path: Path
) -> None:
    await create_topics(cell)
    async with running(
        "reporting", build, ReportingSettings, cell, tmp_path, PEOPLE, clock=CLOCK, role=Role.API
    ) as service:
        status = {
            who: (await service.http.get(path, headers=service.as_(who))).status_code
            for who in PEOPLE
        }
    assert {who for who, code in status.items() if code == 200} == allowed
    assert set(status.values()) <= {200, 403, 404}
