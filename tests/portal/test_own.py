"""An agency's own pages, by account: offers, answers, seats, and who a child is."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.portal.running import OWN, Portal
from tests.portal.samples import COUNSEL, DENTAL, IDENTITY, accepted_card
from tests.portal.samples_own import BATCH, CLAIMED, LATER, OPEN, TAKEN
from tests.portal.samples_partners import BUS, CLINIC
from tests.portal.test_ask import text_of

HOME = f"/agency/{DENTAL}"
OFFER = f"{HOME}/offers/{OPEN}"
NAME = str(IDENTITY["name"])


@pytest.fixture
def carmen(portal: Portal) -> Iterator[httpx2.Client]:
    """Somebody at the dental clinic who answers offers and administers its system."""
    with portal.client() as client:
        portal.sign_in(client, "dental-desk")
        yield client


@pytest.fixture
def priya(portal: Portal) -> Iterator[httpx2.Client]:
    """Somebody who looks after the clinic's system, and answers no offer."""
    with portal.client() as client:
        portal.sign_in(client, "dental-systems")
        yield client


def test_who_works_for_an_agency_begins_at_its_own_offers(carmen: httpx2.Client) -> None:
    assert carmen.get("/").headers["location"] == "/agency"
    assert carmen.get("/agency").headers["location"] == HOME
    page = text_of(carmen.get(HOME))
    assert "4 children wait for your answer" in page, "two by themselves, two of those at once"
    assert "Today" not in page
    assert "Reports" not in page


def test_many_at_once_come_first_and_then_whoever_is_due_first(carmen: httpx2.Client) -> None:
    page = carmen.get(HOME).text
    order = [f"{HOME}/batches/{BATCH}", f"{HOME}/offers/{OPEN}", f"{HOME}/offers/{LATER}"]
    places = [page.index(f'href="{each}"') for each in order]
    assert places == sorted(places)
    assert page.count("2 families need") == 1
    said = text_of(carmen.get(HOME))
    assert "An appointment is made. Appointment:" in said
    assert "The school asks the family for its agreement." in said
    assert f'href="{HOME}/offers/{TAKEN}/who"' in page
    assert f'href="{HOME}/offers/{CLAIMED}/who"' not in page, "nothing is released yet"


def test_an_offer_is_answered_on_the_pages_that_a_link_opens(
    carmen: httpx2.Client, portal: Portal
) -> None:
    assert "A child aged 7" in carmen.get(OFFER).text
    done = carmen.post(f"{OFFER}/claim", headers=OWN)
    assert done.headers["location"] == f"{OFFER}?done=claim"
    assert portal.services.posted[-1] == (f"/v1/offers/{OPEN}/claim", {})
    carmen.post(f"{OFFER}/decline", data={"reason": "no-capacity"}, headers=OWN)
    assert portal.services.posted[-1] == (
        f"/v1/offers/{OPEN}/decline",
        {"reason": "no-capacity"},
    )
    carmen.post(f"{OFFER}/progress", data={"progress": "started"}, headers=OWN)
    assert portal.services.posted[-1] == (f"/v1/offers/{OPEN}/progress", {"progress": "started"})
    carmen.post(f"{OFFER}/seats", data={"available": 3, "seen": 4}, headers=OWN)
    seats = {"available": 3, "version": 4}
    assert portal.services.posted[-1] == (f"/v1/offers/{OPEN}/seats", seats)
    asked = [path for path, headers in portal.services.asked if "x-enlace-link" in headers]
    assert asked == [], "no link is anywhere in it"


def test_who_the_child_is_is_shown_by_a_press_alone_and_without_a_code(
    carmen: httpx2.Client, portal: Portal
) -> None:
    portal.services.card = accepted_card()
    before = carmen.get(f"{OFFER}/who")
    assert NAME not in before.text
    assert not any("identity" in path for path, _ in portal.services.asked)
    page = carmen.post(f"{OFFER}/who", headers=OWN)
    assert NAME in page.text
    assert page.headers["cache-control"] == "no-store"
    read = [headers for path, headers in portal.services.asked if path.endswith("/identity")]
    assert [each["authorization"] for each in read] == ["Bearer a.b.c"], "partner's word, not hers"


def test_what_is_not_released_is_said_with_what_to_do(
    carmen: httpx2.Client, portal: Portal
) -> None:
    portal.services.card = accepted_card()
    portal.services.refuse = (404, "not-found")
    page = carmen.post(f"{OFFER}/who", headers=OWN)
    assert page.status_code == 404
    assert "The school cannot show who it is now" in page.text
    assert NAME not in page.text


def test_so_many_of_those_at_once_are_taken(carmen: httpx2.Client, portal: Portal) -> None:
    path = f"{HOME}/batches/{BATCH}"
    page = carmen.get(path).text
    assert f'href="{HOME}/offers/{TAKEN}"' in page
    assert "/a/" not in page, "nobody else's link"
    done = carmen.post(f"{path}/take", data={"take": 2, "turn": 1}, headers=OWN)
    assert done.headers["location"] == f"{path}?done=take"
    assert portal.services.posted[-1] == (f"/v1/batches/{BATCH}/take", {"take": 2, "turn": 1})
    none = {"reason": "no-capacity", "turn": 1}
    carmen.post(f"{path}/decline", data=none, headers=OWN)
    assert portal.services.posted[-1] == (f"/v1/batches/{BATCH}/decline", none)


def test_what_is_over_is_listed_page_by_page(carmen: httpx2.Client, portal: Portal) -> None:
    page = carmen.get(f"{HOME}/earlier")
    said = text_of(page)
    assert "Another agency was first" in said
    assert "We have no seats" in said
    assert "cursor=next" in page.text
    assert "Further back" not in carmen.get(f"{HOME}/earlier?cursor=next").text
    assert portal.services.own.queries[-1][1]["cursor"] == "next"


def test_a_seat_more_is_one_tap_on_the_version_that_was_seen(
    carmen: httpx2.Client, portal: Portal
) -> None:
    mine = [each for each in portal.services.partners.capacities if each["agency"] == DENTAL]
    page = carmen.get(f"{HOME}/seats").text
    assert f"s-{CLINIC}-site-01" in page
    row = next(each for each in mine if each["service"] == CLINIC)
    data = {
        "site": "site-01",
        "available": str(row["maximum"] + 1),
        "maximum": str(row["maximum"]),
        "unit": row["unit"],
        "status": "capacity",
        "seen": str(row["version"]),
    }
    done = carmen.post(f"{HOME}/seats/{CLINIC}", data={**data, "by": "one"}, headers=OWN)
    assert done.headers["location"] == f"{HOME}/seats?done=seats#s-{CLINIC}-site-01"
    ((path, body, seen),) = portal.services.partners.puts
    assert path == f"/v1/capacities/{CLINIC}/site-01"
    assert (body["available"], body["maximum"]) == (row["maximum"] + 1, row["maximum"] + 1)
    assert seen == f'"{row["version"]}"'
    refused = carmen.post(f"{HOME}/seats/{CLINIC}", data=data, headers=OWN)
    assert refused.status_code == 422, "a whole figure that contradicts itself is asked about"
    assert "More are free than there are in all" in refused.text


def test_who_was_slower_at_the_seats_sees_the_new_number(
    carmen: httpx2.Client, portal: Portal
) -> None:
    portal.services.refuse = (412, "stale-version")
    data = {"site": "site-01", "available": "1", "maximum": "5", "seen": "1", "by": "one"}
    page = carmen.post(f"{HOME}/seats/{CLINIC}", data=data, headers=OWN)
    assert page.status_code == 412
    assert "Somebody was faster" in page.text


def test_only_ones_own_seats_stand_there(carmen: httpx2.Client, portal: Portal) -> None:
    page = carmen.get(f"{HOME}/seats").text
    others = [each for each in portal.services.partners.services if each["agency"] != DENTAL]
    assert others
    assert not any(f"s-{each['id']}-" in page for each in others)
    assert BUS


def test_how_the_agency_does_is_shown_to_itself(carmen: httpx2.Client) -> None:
    assert "Answers in" in carmen.get(f"{HOME}/performance").text


def test_who_only_looks_after_the_system_sees_no_offer_and_no_child(
    priya: httpx2.Client, portal: Portal
) -> None:
    assert priya.get(HOME).headers["location"] == f"{HOME}/system"
    for path in (OFFER, f"{OFFER}/who", f"{HOME}/batches/{BATCH}", f"{HOME}/earlier"):
        assert priya.get(path).status_code == 403, path
    assert priya.post(f"{OFFER}/who", headers=OWN).status_code == 403
    assert not any(path.startswith("/v1/offers") for path, _ in portal.services.asked)
    page = priya.get(f"{HOME}/system").text
    assert f'href="{HOME}/seats"' in page
    assert f'href="{HOME}"' not in page


def test_anothers_pages_are_not_found(carmen: httpx2.Client, rosa: httpx2.Client) -> None:
    for path in ("", "/seats", "/system", "/performance", f"/offers/{OPEN}"):
        assert carmen.get(f"/agency/{COUNSEL}{path}").status_code == 404
        assert rosa.get(f"{HOME}{path}").status_code == 404
    assert rosa.get("/agency").status_code == 403


def test_the_districts_administrator_sees_to_the_system_alone(
    anybody: httpx2.Client, portal: Portal
) -> None:
    portal.sign_in(anybody, "admin")
    assert anybody.get(HOME).headers["location"] == f"{HOME}/system"
    assert anybody.get(f"{HOME}/system").status_code == 200
    for path in ("/seats", f"/offers/{OPEN}", "/earlier"):
        assert anybody.get(f"{HOME}{path}").status_code == 403
    assert f'href="{HOME}/system"' in anybody.get(f"/partners/agencies/{DENTAL}").text
