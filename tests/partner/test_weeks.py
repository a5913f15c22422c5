"""Appointments of a week begin anew on the local Monday: once, and with what is held."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.codes import CapacityPeriod, CapacityUnit
from services.chassis.errors import EnlaceError
from services.partner.model.capacity import Capacity
from services.partner.model.period import monday_after, monday_of
from tests.partner.build import NOW, SITE, capacity
from tests.partner.district import District, Provider

ZONE = "America/Los_Angeles"
MONDAY = datetime(2026, 10, 19, 7, tzinfo=UTC)
"""Midnight in Oakland of the Monday after `NOW`, a Tuesday."""


def saved(after: Capacity) -> Capacity:
    return after.having(version=after.version + 1)


def weekly(available: int = 5) -> Capacity:
    told = capacity(0, maximum=0, unit=CapacityUnit.APPOINTMENTS_PER_WEEK)
    return saved(told.report(available=available, seen=told.version, now=NOW).in_period(ZONE, NOW))


def test_a_week_begins_at_midnight_where_the_district_is() -> None:
    assert monday_after(NOW, ZONE) == MONDAY
    assert monday_of(MONDAY, ZONE) == MONDAY
    assert monday_of(MONDAY - timedelta(seconds=1), ZONE) == MONDAY - timedelta(days=7)
    winter = datetime(2026, 11, 2, 8, tzinfo=UTC)  # the clocks went back the day before
    assert monday_after(datetime(2026, 10, 31, tzinfo=UTC), ZONE) == winter


def test_appointments_have_a_period_and_seats_have_none() -> None:
    assert (weekly().period, weekly().next_due) == (CapacityPeriod.WEEK, MONDAY)
    seats = capacity(3).in_period(ZONE, NOW)
    assert (seats.period, seats.next_due) == (None, None)
    told = weekly().report(available=3, seen=weekly().version, now=NOW, unit=CapacityUnit.SEATS)
    assert told.in_period(ZONE, NOW).next_due is None


def test_a_new_week_frees_what_was_used_and_keeps_what_is_held() -> None:
    seats = weekly(5)
    for claim in ("used", "held"):
        seats = saved(seats.reserve(claim, NOW))
    seats = saved(seats.confirm("used"))
    after = saved(seats.renewed(MONDAY))
    assert (after.available, set(after.holds), after.used) == (4, {"held"}, {})
    assert after.next_due == MONDAY + timedelta(days=7)
    assert after.as_of == NOW, "nobody told anything"
    assert after.release("used") == after, "what is over frees nothing of this week"
    assert saved(after.confirm("held")).available == 4


def test_weeks_that_passed_while_everything_was_down_are_one() -> None:
    late = MONDAY + timedelta(days=20, hours=3)
    after = saved(weekly(5).renewed(late))
    assert after.next_due == MONDAY + timedelta(days=21, hours=1)  # by winter's clock
    assert after.version == weekly().version + 1


def test_who_came_after_monday_and_before_the_sweep_keeps_this_weeks_place() -> None:
    early = saved(saved(weekly(1).reserve("c1", MONDAY + timedelta(minutes=1))).confirm("c1"))
    after = early.renewed(MONDAY + timedelta(minutes=2))
    assert (after.available, set(after.used)) == (0, {"c1"})


def test_more_holds_than_appointments_leave_none_and_never_fewer() -> None:
    seats = weekly(2)
    for claim in ("a", "b"):
        seats = saved(seats.reserve(claim, NOW))
    after = saved(seats.having(maximum=1).renewed(MONDAY))
    assert after.available == 0
    with pytest.raises(EnlaceError, match="no-seat"):
        after.reserve("c", MONDAY)


def test_a_figure_of_the_week_before_is_told_to_read_again() -> None:
    seen = weekly(2)
    after = saved(saved(seen.reserve("c1", NOW)).renewed(MONDAY))
    with pytest.raises(EnlaceError, match="stale"):
        after.report(available=1, seen=seen.version, now=MONDAY)
    with pytest.raises(EnlaceError, match="older-figure"):
        after.report_as_of(MONDAY - timedelta(minutes=1), available=1)
    assert after.report(available=1, seen=after.version, now=MONDAY).available == 1


KINDS = st.sampled_from(["reserve", "confirm", "release", "finish", "week"])
STEPS = st.lists(st.tuples(KINDS, st.integers(0, 6)), max_size=40)


@given(STEPS, st.integers(0, 4))
def test_whatever_happens_in_whatever_order_no_week_is_booked_beyond_its_appointments(
    steps: list[tuple[str, int]], most: int
) -> None:
    seats, now = weekly(most), NOW
    this_week: set[str] = set()
    for number, (what, which) in enumerate(steps):
        claim = f"c{which}"
        before = seats
        if what == "week":
            assert seats.next_due is not None
            now = seats.next_due
            seats = seats.renewed(now)
            this_week = set(seats.holds)
        elif what == "reserve":
            try:
                seats = seats.reserve(f"{claim}-{number}", now)
                this_week.add(f"{claim}-{number}")
            except EnlaceError:
                assert seats.available == 0
        else:
            known = [each for each in (*seats.holds, *seats.used) if each.startswith(claim)]
            for each in known:
                seats = getattr(seats, what)(each)
                if what == "release":
                    this_week.discard(each)
        if seats != before:
            seats = saved(seats)
        assert 0 <= seats.available <= most
        assert len(this_week) + seats.available <= max(most, len(seats.holds))


async def told(district: District, provider: Provider) -> dict[str, object]:
    answer = await district.get(f"/v1/capacities/{provider.service}/{SITE}")
    found: dict[str, object] = answer.json()
    return found


async def test_on_monday_the_weeks_appointments_are_there_again_and_go_to_who_waits(
    district: District,
) -> None:
    smiles = await district.provider("Smiles", seats=1, unit="appointments-per-week")
    first = await told(district, smiles)
    assert (first["period"], first["renews_at"]) == ("week", "2026-10-19T07:00:00Z")
    taken = await district.offer(smiles)
    await district.answer(smiles, "claim")
    await district.accept(taken)
    await district.offer(smiles)
    await district.answer(smiles, "waitlist")
    assert (await told(district, smiles))["waitlisted"] == 1
    district.clock.advance(MONDAY - timedelta(seconds=1) - NOW)
    await district.sweep()
    assert (await told(district, smiles))["waitlisted"] == 1
    district.clock.advance(timedelta(days=15, seconds=1))
    await district.sweep()
    after = await told(district, smiles)
    assert (after["waitlisted"], after["available"], after["held"]) == (0, 0, 1)
    assert after["renews_at"] == "2026-11-09T08:00:00Z"
    events = await district.told("PartnerCapacityChanged")
    assert (events[-1].period, events[-1].renews_at) == (
        "week",
        MONDAY + timedelta(days=21, hours=1),
    )
    assert events[-1].version == after["version"]
    count = len(events)
    await district.sweep()
    assert len(await district.told("PartnerCapacityChanged")) == count


async def test_what_an_agency_says_of_its_seats_is_kept_until_it_says_otherwise(
    district: District,
) -> None:
    smiles = await district.provider("Smiles")
    path = f"/v1/capacities/{smiles.service}/{SITE}"
    figure = {"maximum": 4, "available": 2}
    made = await district.put(path, {**figure, "notes": "Mornings only"})
    assert made.json()["notes"] == "Mornings only"
    kept = await district.put(path, {**figure, "available": 1}, if_match=made.headers["ETag"])
    assert kept.json()["notes"] == "Mornings only"
    need = {"category": "dental", "site": SITE}
    found = await district.http.post("/v1/matches", json=need, headers=district.service.as_("rosa"))
    assert found.json()["matches"][0]["notes"] == "Mornings only"
    gone = await district.put(path, {**figure, "notes": None}, if_match=kept.headers["ETag"])
    assert gone.json()["notes"] is None
    assert "Mornings" not in repr(await district.rows("event_log"))
    for wrong in ("", "  ", "x" * 501):
        refused = await district.put(
            path, {**figure, "notes": wrong}, if_match=gone.headers["ETag"]
        )
        assert refused.status_code == 422
