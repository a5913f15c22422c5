"""Absence cover: who sees to whose work on which day. Pure."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chassis.errors import EnlaceError
from services.referral.model.cover import Cover, Covers

MONDAY = date(2026, 10, 12)
NONE = Covers(id="site-01", zone="America/Los_Angeles")


def cover(coordinator: str = "rosa", by: str = "paz", **changes: Any) -> Cover:
    """Return a cover of that week, named after who is away."""
    fields: dict[str, Any] = {
        "id": f"{coordinator}-{by}",
        "coordinator": coordinator,
        "by": by,
        "since": MONDAY,
        "until": MONDAY + timedelta(days=4),
        "entered_by": "ingrid",
        "fingerprint": "f",
    }
    return Cover(**{**fields, **changes})


def covers(*entered: Cover) -> Covers:
    found = NONE
    for each in entered:
        found = found.enter(each, MONDAY)
    return found


def last(found: Covers, day: date, who: str = "rosa") -> str:
    return list(found.chain(who, day))[-1]


def test_it_holds_from_the_first_to_the_last_day_and_ends_by_itself() -> None:
    found = covers(cover())
    days = [MONDAY + timedelta(days=n) for n in (-1, 0, 4, 5)]
    assert [last(found, day) for day in days] == ["rosa", "paz", "paz", "rosa"]


def test_a_cover_of_a_cover_is_followed_on_the_days_that_both_hold() -> None:
    tuesday = MONDAY + timedelta(days=1)
    found = covers(cover(), cover("paz", "lin", since=tuesday, until=tuesday))
    assert [last(found, MONDAY + timedelta(days=n)) for n in range(3)] == ["paz", "lin", "paz"]
    assert list(found.chain("rosa", tuesday)) == ["rosa", "paz", "lin"]


@pytest.mark.parametrize(
    ("entered", "fresh", "slug"),
    [
        ([], cover(by="rosa"), "covers-themselves"),
        ([], cover(until=MONDAY - timedelta(days=1)), "dates-swapped"),
        ([], cover(since=MONDAY - timedelta(9), until=MONDAY - timedelta(2)), "date-has-passed"),
        ([], cover(until=MONDAY + timedelta(days=367)), "cover-too-long"),
        ([cover()], cover(by="lin", since=MONDAY + timedelta(days=4)), "cover-overlaps"),
        ([cover()], cover("paz", "rosa"), "cover-circle"),
        ([cover(), cover("paz", "lin")], cover("lin", "rosa"), "cover-circle"),
    ],
)
def test_one_that_cannot_be_is_refused(entered: list[Cover], fresh: Cover, slug: str) -> None:
    with pytest.raises(EnlaceError) as refused:
        covers(*entered).enter(fresh, MONDAY)
    assert refused.value.slug == slug


def test_two_may_cover_each_other_one_after_the_other() -> None:
    later = {"since": MONDAY + timedelta(days=7), "until": MONDAY + timedelta(days=11)}
    found = covers(cover(), cover("paz", "rosa", **later))
    assert last(found, MONDAY) == "paz"
    assert last(found, MONDAY + timedelta(days=7), "paz") == "rosa"


def test_ended_early_it_is_over_from_today_and_one_to_come_never_begins() -> None:
    wednesday = MONDAY + timedelta(days=2)
    found = covers(cover())
    ended = found.end("rosa-paz", wednesday)
    assert [last(ended, MONDAY), last(ended, wednesday)] == ["paz", "rosa"]
    assert ended.end("rosa-paz", wednesday) is ended
    never = found.end("rosa-paz", MONDAY)
    assert last(never, MONDAY) == "rosa"
    assert last(never.enter(cover(by="lin"), MONDAY), MONDAY) == "lin"


def test_its_end_is_due_at_the_local_midnight_after_the_last_day_and_told_once() -> None:
    found = covers(cover())
    midnight = datetime(2026, 10, 17, 7, tzinfo=UTC)
    assert found.next_due == midnight
    assert found.over_by(midnight - timedelta(seconds=1))[1] == ()
    after, ended = found.over_by(midnight)
    assert ([each.id for each in ended], after.next_due) == (["rosa-paz"], None)
    assert after.over_by(midnight + timedelta(days=9))[1] == ()


PEOPLE = ("rosa", "paz", "lin", "sam")
ENTRIES = st.tuples(
    st.sampled_from(PEOPLE), st.sampled_from(PEOPLE), st.integers(0, 12), st.integers(0, 6)
)


@given(st.lists(ENTRIES, max_size=25))
@settings(deadline=None)
def test_whatever_is_entered_somebody_sees_to_it_every_day(
    entries: list[tuple[str, str, int, int]],
) -> None:
    found = NONE
    for number, (who, by, begins, days) in enumerate(entries):
        since = MONDAY + timedelta(days=begins)
        until = since + timedelta(days=days)
        fresh = cover(who, by, id=str(number), since=since, until=until)
        try:
            found = found.enter(fresh, MONDAY)
        except EnlaceError:
            continue
    for ahead in range(20):
        day = MONDAY + timedelta(days=ahead)
        for who in PEOPLE:
            at_last = last(found, day, who)
            away = {each.coordinator for each in found.items if each.holds(day)}
            assert at_last not in away, "the last of the chain is there"
