"""How an agency does, and what of it is told: pure, with expectations by hand."""

from datetime import UTC, date, datetime, timedelta

from services.partner.model.performance import (
    WITHHELD,
    Counts,
    Share,
    closed_year,
    performances,
)

HOURS = timedelta(hours=1)


def took(children: int, completed: int = 0) -> Counts:
    """Return a service's counts in which all who were asked for were taken."""
    return Counts(asked=children, yes=children, accepted=children, completed=completed)


def test_each_share_is_told_with_of_how_many() -> None:
    counts = Counts(
        asked=31,
        replies=(2 * HOURS, 4 * HOURS, 8 * HOURS, 30 * HOURS, 31 * HOURS),
        yes=20,
        no=10,
        accepted=20,
        completed=15,
        verified=11,
        no_shows=2,
    )
    whole, services = performances({"svc": counts})
    assert services == {"svc": whole}
    assert whole.reply == 8 * HOURS
    assert whole.acceptance == Share(67, 30)
    assert (whole.completed, whole.verified) == (Share(75, 20), Share(55, 20))
    assert whole.no_show == Share(10, 20)


def test_fewer_than_five_answers_say_nothing_and_fewer_than_ten_children() -> None:
    whole, _ = performances({"svc": Counts(asked=9, replies=(HOURS,) * 4, yes=3, no=1)})
    assert (whole.reply, whole.acceptance) == (None, WITHHELD)
    whole, _ = performances({"svc": took(9, completed=9)})
    assert whole.acceptance == Share(100, 9)
    assert (whole.completed, whole.verified, whole.no_show) == (WITHHELD,) * 3


def test_what_is_withheld_of_one_service_does_not_follow_from_the_others() -> None:
    whole, services = performances({"few": took(3), "some": took(12), "many": took(40)})
    assert services["few"].verified == WITHHELD
    assert services["some"].verified == WITHHELD, "55 in all without 40 and 12 would be 3"
    assert services["many"].verified == Share(0, 40)
    assert whole.verified == Share(0, 55)


def test_the_whole_is_withheld_where_no_other_service_can_stand_in() -> None:
    whole, services = performances({"one": took(4), "other": took(5)})
    assert {whole.verified, *(each.verified for each in services.values())} == {WITHHELD}
    whole, services = performances({"one": took(6), "other": took(8)})
    assert services["one"].verified == WITHHELD
    assert whole.verified == Share(0, 14)


def test_a_year_is_of_closed_months_of_the_district() -> None:
    last_hour_of_march = datetime(2027, 4, 1, 6, 30, tzinfo=UTC)
    zone = "America/Los_Angeles"
    assert closed_year(last_hour_of_march, zone) == (date(2026, 3, 1), date(2027, 3, 1))
    before = closed_year(last_hour_of_march, zone, years_back=1)
    assert before == (date(2025, 3, 1), date(2026, 3, 1))
