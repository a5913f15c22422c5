"""What makes one service better than another, and that each thing of it is told."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from contracts.codes import CapacityStatus, DayPart
from contracts.referrals import Candidate as Named
from services.partner.model.matching.candidate import Measured, seats_of
from services.partner.model.matching.near import Ground, Point
from services.partner.model.matching.prepare import prepare
from services.partner.model.matching.rank import weigh
from services.partner.model.matching.weights import Weights
from services.partner.model.terms import Cost, Hours, Terms, Weekday
from tests.partner.build import SITE, agreement, capacity
from tests.partner.matching.build import at, candidate, for_it, found, need, order, scale

ONE = Named(service="one", agency="a")
TWO = Named(service="two", agency="b")
SCHOOL = Point(37.776, -122.217)
GROUND = Ground(schools={SITE: SCHOOL}, zips={"94601": Point(37.776, -122.217)})


def test_free_seats_go_before_none_and_unknown_ones_between() -> None:
    three = Named(service="three", agency="c")
    free, full, untold = candidate(TWO), candidate(ONE, seats=0), candidate(three, seats=None)
    assert order(full, untold, free) == ["two", "three", "one"]
    assert for_it(full)["no-seats"] == "No seats just now"
    assert for_it(free)["seat-free"] == "1 seat free"


def test_an_old_figure_counts_half_and_is_shown_all_the_same() -> None:
    old = candidate(ONE, seats=9, told=timedelta(days=15))
    fresh = candidate(TWO)
    assert order(old, fresh) == ["two", "one"]
    shown = found(old, fresh).matches[1]
    assert shown.score.stale
    assert for_it(old)["seats-old"] == "Told 15 days ago: ask first"
    assert not found(candidate(ONE, told=timedelta(days=14))).matches[0].score.stale


def test_staff_who_speak_it_go_before_an_interpreter_and_both_before_neither() -> None:
    three = Named(service="three", agency="c")
    spoken = candidate(ONE, languages=("vi",))
    interpreted = candidate(TWO, languages=("en",), terms=Terms(interpreter=True))
    neither = candidate(three, languages=("en",))
    assert order(neither, interpreted, spoken, language="vi") == ["one", "two", "three"]
    assert "interpreter" in for_it(interpreted, language="vi")
    assert "language-missing" in for_it(neither, language="vi")


def test_the_nearer_goes_first_and_the_way_is_told() -> None:
    near = candidate(TWO, locations=(at(37.80, -122.217),))
    far = candidate(ONE, locations=(at(37.90, -122.217), at(38.5, -122.2)))
    assert order(far, near, ground=GROUND) == ["two", "one"]
    assert for_it(near, GROUND)["near-school"] == "About 2 miles from the school"
    assert for_it(far, GROUND, home_zip="94601")["near-home"] == "About 9 miles from home"
    assert not {"near-home", "near-school"} & for_it(near).keys()


def test_on_the_schools_grounds_is_nearest_by_its_place_or_by_word() -> None:
    by_word = candidate(ONE, terms=Terms(campuses=(SITE,)))
    by_place = candidate(TWO, locations=(at(37.7761, -122.2171),))
    assert "on-campus" in for_it(by_word)
    assert "on-campus" in for_it(by_place, GROUND, home_zip="94601")


def test_how_it_has_answered_counts() -> None:
    quick = candidate(TWO, measured=Measured(reply=timedelta(hours=3), accepted=0.8))
    slow = candidate(ONE, measured=Measured(reply=timedelta(days=4), accepted=0.2))
    assert order(slow, quick) == ["two", "one"]
    assert for_it(quick)["replies-in-hours"] == "Usually replies in 3 hours"
    assert for_it(quick)["accepts"] == "Accepts 8 in 10"
    assert for_it(slow)["replies-in-days"] == "Usually replies in 4 days"
    assert not {"accepts", "replies-in-hours"} & for_it(candidate()).keys()


def test_cost_and_hours_count() -> None:
    monday = Hours(day=Weekday.MONDAY, opens_at="08:00", closes_at="12:00")
    evening = Hours(day=Weekday.MONDAY, opens_at="16:00", closes_at="19:00")
    free = candidate(TWO, terms=Terms(cost=Cost.FREE, hours=(evening,)))
    paid = candidate(ONE, terms=Terms(cost=Cost.FEE, hours=(monday,)))
    assert order(paid, free) == ["two", "one"]
    assert {"cost-free", "hours-suit"} <= for_it(free, times=frozenset({DayPart.EVENING})).keys()
    assert {"cost-fee", "hours-other"} <= for_it(paid, times=frozenset({DayPart.EVENING})).keys()


def test_whom_it_takes_is_told_as_fitting_or_as_a_question() -> None:
    terms = Terms(first_grade="KG", last_grade="05", insurance=("medi-cal",), zips=("94601",))
    picky = candidate(minimum_age=5, terms=terms)
    told = for_it(picky, age=7, grade=2, insurance="medi-cal", home_zip="94601")
    assert {"age-fits", "grade-fits", "insurance-taken", "area-fits"} <= told.keys()
    asked = for_it(picky)
    assert (asked["ages-only"], asked["grades-only"]) == ("Ages: 5-…", "Grades: KG-05")
    assert {"insurance-only", "area-only"} <= asked.keys()


def test_an_agreement_that_ends_soon_says_so() -> None:
    ends = agreement(until=date(2026, 11, 30))
    told = for_it(candidate(agreements=(ends,)))
    assert told["agreement-ends"] == "The agreement ends on 2026-11-30"
    renewed = agreement(id="mou-2", until=None)
    assert "agreement-ends" not in for_it(candidate(agreements=(ends, renewed)))


def test_the_reasons_points_add_up_to_the_score_of_a_service_that_has_told_all() -> None:
    whole = candidate(
        languages=("es",),
        terms=Terms(cost=Cost.FREE, campuses=(SITE,)),
        measured=Measured(reply=timedelta(hours=1), accepted=1.0),
    )
    (match,) = found(whole, language="es").matches
    assert match.score.points == pytest.approx(100)
    assert sum(said.points or 0 for said in match.score.said) == pytest.approx(100)


def test_a_service_that_takes_nobody_and_one_with_a_line_say_so() -> None:
    shut = replace(
        candidate(), seats={SITE: seats_of(capacity(3, stated=CapacityStatus.NO_CAPACITY))}
    )
    assert for_it(shut)["closed"] == "Takes nobody just now"
    line = replace(candidate(), seats={SITE: seats_of(capacity(3, stated=CapacityStatus.WAITLIST))})
    assert for_it(line)["waitlist"] == "Waitlist: 0"
    assess = CapacityStatus.ADDITIONAL_ASSESSMENT_REQUIRED
    first = replace(candidate(), seats={SITE: seats_of(capacity(3, stated=assess))})
    assert "assessment-first" in for_it(first)


def test_weights_are_the_districts_and_something_must_count() -> None:
    costs = Weights(seats=0, language=0, distance=0, reply=0, acceptance=0, cost=1)
    free_and_full = candidate(TWO, seats=0, terms=Terms(cost=Cost.FREE))
    paid_and_free = candidate(ONE, terms=Terms(cost=Cost.FEE))
    measure = scale(**costs.model_dump())
    both = prepare([paid_and_free, free_and_full], need().kind, measure)
    ranked = weigh(both, need(), measure).matches
    assert [each.candidate.service.id for each in ranked] == ["two", "one"]
    with pytest.raises(ValidationError, match="above 0"):
        Weights(seats=0, reply=0, acceptance=0, cost=0)
