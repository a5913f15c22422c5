"""Agreements: what is due, how one stands, its steps, its papers and its signed document."""

import re
from typing import Any

import httpx2
import pytest

from tests.portal.running import OWN, Portal
from tests.portal.samples import COUNSEL
from tests.portal.samples_partners import (
    CLINIC,
    DOCUMENT,
    DRAFT,
    ENDED,
    LIVE,
    REVIEW,
    STOPPED,
    agreement,
)
from tests.portal.test_ask import text_of

LIST = "/partners/agreements"


def post(
    client: httpx2.Client, id: str, step: str, data: dict[str, str] | None = None
) -> httpx2.Response:
    return client.post(f"{LIST}/{id}/{step}", data={"seen": "2", **(data or {})}, headers=OWN)


def test_what_is_due_comes_first_the_most_pressing_on_top(rosa: httpx2.Client) -> None:
    page = text_of(rosa.get(LIST))
    assert "3 agreements need something" in page
    order = [
        "No offers go out",
        "Without a valid paper no offer goes out: background checks",
        "Waits for you",
        "Waits for your yes",
        "Due soon",
        "A paper runs out on 10 January 2027: liability insurance",
        "At risk: 40 students helped by 31 March 2027",
        "A milestone was for 2 November: First clinic day",
        "Being made",
        "Ended or expired",
    ]
    places = [page.index(each) for each in order]
    assert places == sorted(places)


def test_an_agreement_that_runs_out_is_to_be_renewed_until_another_follows_it(
    rosa: httpx2.Client, portal: Portal
) -> None:
    ending = agreement(LIVE, status="expiring", until="2026-12-20")
    portal.services.partners.agreements = [ending]
    assert "It runs out on 20 December: renew it" in text_of(rosa.get(LIST))
    portal.services.partners.agreements.append(agreement(DRAFT, status="draft", renews=LIVE))
    assert "It runs out on" not in text_of(rosa.get(LIST))


def test_its_page_holds_the_terms_the_papers_and_how_its_measures_stand(
    rosa: httpx2.Client,
) -> None:
    page = text_of(rosa.get(f"{LIST}/{LIVE}"))
    for said in (
        "Agreement with Riverbend Family Dental",
        "Offers can go out under it.",
        "Lincoln Elementary",
        "Children's dental clinic and Tooth bus",
        "1 August to 30 June 2027",
        "On track : 80 % of offers accepted within 2 school days",
        "Now 83 % of 12 offers.",
        "At risk : 40 students helped by 31 March 2027",
        "9 students so far; at this pace 31 by then.",
        "Kinds of need dentist and glasses",
        "Before the help: Oral health screening",
        "Rooms are ready Reached: Dana Rivers, 12 November",
        "First clinic day Late: it was for 2 November",
        "Half-year review By 1 February 2027",
        "Runs out on 10 January 2027.",
        "Open it (PDF)",
    ):
        assert said in page, said


def test_a_renewal_shows_in_what_it_differs(rosa: httpx2.Client) -> None:
    page = text_of(rosa.get(f"{LIST}/{REVIEW}"))
    assert "Last day Before 30 June 2027 Now 30 June 2028" in page
    assert "Dana Rivers (the agency) approved on 22 November" in page
    assert "Waits for the school\u2019s coordinator" in page


@pytest.mark.parametrize(
    ("id", "step", "shown"),
    [(DRAFT, "submit", "/submit"), (REVIEW, "approve", "/approve"), (REVIEW, "send-back", "/send")],
)
def test_a_step_is_taken_on_the_version_that_was_seen(
    id: str, step: str, shown: str, rosa: httpx2.Client, portal: Portal
) -> None:
    assert f"{LIST}/{id}{shown}" in rosa.get(f"{LIST}/{id}").text
    done = post(rosa, id, step)
    assert done.headers["location"] == f"{LIST}/{id}?done=agreement-{step}"
    assert portal.services.posted == [(f"/v1/agreements/{id}/{step}", {})]
    assert (f"/v1/agreements/{id}/{step}", '"2"') in portal.services.parts.seen


@pytest.mark.parametrize(
    ("reached", "name", "done"),
    [("yes", "First clinic day", "milestone"), ("no", "Rooms are ready", "milestone-undone")],
)
def test_a_milestone_is_said_to_be_reached_and_that_is_taken_back(
    reached: str, name: str, done: str, rosa: httpx2.Client, portal: Portal
) -> None:
    page = rosa.get(f"{LIST}/{LIVE}").text
    assert (
        f'name="name" value="{name}"><button class="btn" name="reached" value="{reached}"' in page
    )
    told = post(rosa, LIVE, "milestones", {"name": name, "reached": reached})
    assert told.headers["location"] == f"{LIST}/{LIVE}?done={done}#milestones"
    body = {"name": name, "reached": reached == "yes"}
    assert portal.services.partners.puts == [(f"/v1/agreements/{LIVE}/milestones", body, '"2"')]


def test_it_ends_with_why_and_what_was_typed_stays(rosa: httpx2.Client, portal: Portal) -> None:
    empty = post(rosa, LIVE, "end", {"because": " "})
    assert empty.status_code == 422
    assert "Say in a few words why it ends" in empty.text
    portal.services.refuse = (409, "agreement-state")
    refused = post(rosa, LIVE, "end", {"because": "They close in June"})
    assert refused.status_code == 409
    assert "They close in June</textarea>" in refused.text
    assert "Nothing was changed: choose another." in refused.text
    assert (
        "No se cambió nada: elija otro." in post(rosa, LIVE, "end?lang=es", {"because": "x"}).text
    )
    portal.services.refuse = None
    done = post(rosa, LIVE, "end", {"because": "They close in June"})
    assert done.headers["location"] == f"{LIST}/{LIVE}?done=agreement-end"


def test_a_renewal_is_made_once_and_shown(rosa: httpx2.Client, portal: Portal) -> None:
    page = rosa.get(f"{LIST}/{LIVE}").text
    found = re.search(r'name="fresh" value="([^"]+)"', page)
    assert found is not None
    assert 'name="starts" required value="2027-07-01"' in page
    typed = {"fresh": found[1], "starts": "2027-07-01", "until": "2028-06-30"}
    for _ in range(2):
        done = post(rosa, LIVE, "renew", typed)
        assert done.headers["location"] == f"{LIST}/{found[1]}?done=agreement-renew"
    body = {"id": found[1], "from": "2027-07-01", "until": "2028-06-30"}
    assert portal.services.posted == [(f"/v1/agreements/{LIVE}/renew", body)] * 2
    early = post(rosa, LIVE, "renew", {**typed, "until": "2027-06-01"})
    assert early.status_code == 422
    assert "The last day is before the first one" in early.text
    assert 'value="2027-06-01"' in early.text


@pytest.mark.parametrize(
    ("typed", "until"),
    [({"until": "2027-08-31"}, "2027-08-31"), ({"endless": "yes"}, None)],
)
def test_a_paper_that_was_seen_is_kept_with_its_last_day(
    typed: dict[str, str], until: str | None, rosa: httpx2.Client, portal: Portal
) -> None:
    done = post(rosa, LIVE, "papers/insurance", typed)
    assert done.headers["location"] == f"{LIST}/{LIVE}?done=paper-seen"
    path = f"/v1/agreements/{LIVE}/papers/insurance"
    assert portal.services.partners.puts == [(path, {"until": until}, '"2"')]


def test_a_papers_last_day_is_never_left_out_by_oversight(
    rosa: httpx2.Client, portal: Portal
) -> None:
    page = post(rosa, LIVE, "papers/insurance", {"until": ""})
    assert page.status_code == 422
    assert "or mark that it has no end" in page.text
    assert portal.services.partners.puts == []


def test_a_signed_document_is_kept_and_handed_out(rosa: httpx2.Client, portal: Portal) -> None:
    photo = b"\xff\xd8\xff" + bytes(200_000)
    path = f"{LIST}/{LIVE}/documents"
    done = rosa.post(path, files={"paper": ("p.jpg", photo, "image/jpeg")}, headers=OWN)
    assert done.headers["location"] == f"{LIST}/{LIVE}?done=document#documents"
    assert portal.services.partners.files == [photo]
    kept = rosa.get(f"{path}/{DOCUMENT}")
    assert kept.content == b"%PDF-1.7"
    assert kept.headers["content-disposition"] == f'attachment; filename="{DOCUMENT}.pdf"'


def test_a_document_that_cannot_be_kept_is_told_on_the_page(
    rosa: httpx2.Client, portal: Portal
) -> None:
    path = f"{LIST}/{LIVE}/documents"
    empty = rosa.post(path, files={"paper": ("p.jpg", b"", "image/jpeg")}, headers=OWN)
    assert empty.status_code == 422
    assert "This file is empty or too large" in empty.text
    portal.services.refuse = (422, "scan-type")
    word = rosa.post(path, files={"paper": ("p.docx", b"PK", "x/y")}, headers=OWN)
    assert word.status_code == 422
    assert "Nothing was changed: choose another." in word.text
    assert "Agreement with Riverbend" in word.text


def test_one_page_prints(rosa: httpx2.Client) -> None:
    page = rosa.get(f"{LIST}/{LIVE}").text
    assert "For the school: name, signature, day" in page
    forms = re.findall(r"<form[^>]*>", page)
    assert forms
    css = rosa.get("/static/enlace.css").text
    assert ".print-only{display:block}" in css


def offered(page: httpx2.Response) -> set[str]:
    """Return the steps that a page offers."""
    return set(re.findall(r'action="/partners/agreements/[^/]+/([\w/-]+)"', page.text))


@pytest.mark.parametrize(
    ("who", "steps"),
    [
        (
            "coordinator-01",
            {"approve", "send-back", "papers/insurance", "documents", "renew", "end"},
        ),
        ("admin", {"send-back", "papers/insurance", "documents", "renew", "end"}),
        ("nurse-01", set[str]()),
        ("coordinator-02", set[str]()),
    ],
)
def test_the_page_offers_what_the_reader_may_do(
    who: str, steps: set[str], anybody: httpx2.Client, portal: Portal
) -> None:
    portal.sign_in(anybody, who)
    assert offered(anybody.get(f"{LIST}/{REVIEW}")) == steps


def test_an_agency_reads_and_approves_its_own(anybody: httpx2.Client, portal: Portal) -> None:
    portal.sign_in(anybody, "dental-desk")
    assert "Agreement with Riverbend" in anybody.get(f"{LIST}/{REVIEW}").text
    done = post(anybody, REVIEW, "approve")
    assert done.headers["location"] == f"{LIST}/{REVIEW}?done=agreement-approve"
    assert post(anybody, LIVE, "end", {"because": "We say so"}).status_code == 403
    assert [path for path, _ in portal.services.posted] == [f"/v1/agreements/{REVIEW}/approve"]


def test_what_an_old_release_wrote_is_told_all_the_same(
    rosa: httpx2.Client, portal: Portal
) -> None:
    odd: dict[str, Any] = {"status": "of-later", "agency": COUNSEL, "services": [CLINIC]}
    portal.services.partners.agreements = [agreement(STOPPED, **odd), agreement(ENDED)]
    assert rosa.get(LIST).status_code == 200
    assert rosa.get(f"{LIST}/{STOPPED}").status_code == 200
