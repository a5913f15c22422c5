"""Distances and the middles of ZIP codes."""

import pytest

from services.partner.model.matching.near import Ground, Point, centroids, miles
from tests.partner.build import SITE, service
from tests.partner.matching.build import at

OAKLAND, SAN_FRANCISCO = Point(37.8044, -122.2712), Point(37.7749, -122.4194)


def test_a_distance_is_the_great_circles() -> None:
    assert miles(OAKLAND, SAN_FRANCISCO) == pytest.approx(8.35, abs=0.05)
    assert miles(OAKLAND, OAKLAND) == 0
    assert miles(Point(0, 0), Point(0, 180)) == pytest.approx(12436.8, abs=1)
    assert miles(Point(10, 179.9), Point(10, -179.9)) == pytest.approx(13.6, abs=0.1)


def test_a_zips_middle_is_that_of_its_places_each_once() -> None:
    clinic, pantry = at(37.0, -122.0, postal_code="94601"), at(38.0, -123.0, postal_code="94601-1")
    found = centroids([service(locations=(clinic, pantry)), service(locations=(clinic,))])
    assert found == {"94601": Point(37.5, -122.5)}


def test_a_place_without_a_point_or_a_zip_makes_no_middle() -> None:
    assert centroids([service(locations=(at(37.0, -122.0), at(1, 2, postal_code="946")))]) == {}


def test_a_way_begins_at_home_as_far_as_it_is_known() -> None:
    ground = Ground(schools={SITE: OAKLAND}, zips={"94103": SAN_FRANCISCO})
    assert ground.start(SITE, "94103") == ("near-home", SAN_FRANCISCO)
    assert ground.start(SITE, "94999") == ("near-school", OAKLAND)
    assert ground.start("site-09", None) is None
