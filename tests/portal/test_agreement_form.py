"""A draft of an agreement on its form: entered, changed, and refused with what was typed."""

import re
from typing import Any

import httpx2
import pytest

from services.portal.model.agreement_draft import Draft, Measure, draft_of
from services.portal.model.whom import Whom
from tests.portal.running import OWN, Portal
from tests.portal.samples import DENTAL
from tests.portal.samples_partners import (
    BUS,
    CLINIC,
    DRAFT,
    agreement,
    milestone,
    served,
    share,
    whom,
)
from tests.portal.test_ask import text_of

NEW = f"/partners/agreements/new?agency={DENTAL}"
TYPED = {
    "agency": DENTAL,
    "sites": "site-01",
    "services": [CLINIC, BUS],
    "starts": "2027-07-01",
    "until": "2028-06-30",
    "requires": "insurance",
    "approvers": ["agency", "coordinator"],
    "accepted_target": "80",
    "accepted_days": "2",
    "served_target": "40",
    "served_by": "2028-03-31",
    "waitlist": "tier",
    "needs": ["dental"],
    "youngest": "6",
    "first_grade": "KG",
    "insurance": ["medi-cal", "none"],
    "zips": "94601 94606",
    "before": "Oral health screening",
    "milestone": ["Rooms are ready", "", ""],
    "milestone_by": ["2027-09-01", "", ""],
}


def form_of(page: httpx2.Response) -> str:
    """Return where the form goes."""
    found = re.search(r'action="(/partners/agreements/[^"]+/change)"', page.text)
    assert found is not None
    return found[1]


def test_a_new_agreement_is_entered_as_a_draft(rosa: httpx2.Client, portal: Portal) -> None:
    page = rosa.get(NEW)
    assert "New agreement with Riverbend Family Dental" in page.text
    path = form_of(page)
    done = rosa.post(path, data=TYPED, headers=OWN)
    assert done.headers["location"] == path.replace("/change", "?done=agreement-draft")
    ((to, body, seen),) = portal.services.partners.puts
    assert (to, seen) == (f"/v1/agreements/{path.split('/')[3]}", "")
    assert body == {
        "agency": DENTAL,
        "status": "draft",
        "sites": ["site-01"],
        "services": [CLINIC, BUS],
        "needs": ["dental"],
        "pre_assessment": "Oral health screening",
        "post_assessment": None,
        "eligibility": whom(
            minimum_age=6,
            first_grade="KG",
            insurance=["medi-cal", "none"],
            zips=["94601", "94606"],
        ),
        "from": "2027-07-01",
        "until": "2028-06-30",
        "requires": ["insurance"],
        "papers": [],
        "approvers": ["coordinator", "agency"],
        "waitlist": "tier",
        "metrics": [
            {"kind": "accepted-within", "target": 80, "days": 2},
            {"kind": "served-by", "target": 40, "by": "2028-03-31"},
        ],
        "milestones": [{"name": "Rooms are ready", "by": "2027-09-01"}],
    }


def test_a_draft_is_changed_on_the_version_that_was_seen_and_keeps_its_papers(
    rosa: httpx2.Client, portal: Portal
) -> None:
    known = next(a for a in portal.services.partners.agreements if a["id"] == DRAFT)
    known |= {"agency": DENTAL, "papers": [{"kind": "insurance", "until": "2027-05-01"}]}
    known |= {"metrics": [share(70), share(90), served()]}
    page = rosa.get(f"/partners/agreements/{DRAFT}/change")
    assert 'name="accepted_target" min="1" max="100" inputmode="numeric" value="70"' in page.text
    typed = {**TYPED, "seen": "2", "served_target": ""}
    assert rosa.post(form_of(page), data=typed, headers=OWN).status_code == 303
    ((_, body, seen),) = portal.services.partners.puts
    assert seen == '"2"'
    assert body["papers"] == known["papers"]
    assert [each["target"] for each in body["metrics"]] == [80, 90], "the second of its kind stays"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"sites": []}, "Choose at least one school."),
        ({"starts": ""}, "Write the first day"),
        ({"until": "2027-01-01"}, "The last day is before the first one"),
        ({"accepted_days": ""}, "Write a percentage from 1 to 100"),
        ({"accepted_target": "101"}, "Write a percentage from 1 to 100"),
        ({"served_target": "forty"}, "Write how many students"),
        ({"milestone_by": ["", "", ""]}, "Write what each milestone is"),
        ({"milestone": ["", "", ""]}, "Write what each milestone is"),
        ({"milestone_by": ["2028-07-01", "", ""]}, "Write what each milestone is"),
        (
            {"milestone": ["a", "a"], "milestone_by": ["2027-09-01", "2027-10-01"]},
            "Write what each milestone is",
        ),
        ({"before": "x" * 201}, "Write the name of an assessment"),
    ],
)
def test_what_lacks_is_said_and_the_rest_stays(
    typed: dict[str, Any], said: str, rosa: httpx2.Client, portal: Portal
) -> None:
    page = rosa.post(form_of(rosa.get(NEW)), data={**TYPED, **typed}, headers=OWN)
    assert page.status_code == 422
    assert said in text_of(page)
    assert re.search(r'name="requires" value="insurance" checked', page.text)
    assert portal.services.partners.puts == []


def test_a_refusal_is_told_on_the_form(rosa: httpx2.Client, portal: Portal) -> None:
    portal.services.refuse = (409, "terms-approved")
    typed = {**TYPED, "seen": "1"}
    page = rosa.post(f"/partners/agreements/{DRAFT}/change", data=typed, headers=OWN)
    assert page.status_code == 409
    assert "Nothing was changed: choose another." in page.text
    assert 'value="2028-06-30"' in page.text


def test_the_way_to_it_stands_where_it_is_looked_for(
    rosa: httpx2.Client, anybody: httpx2.Client, portal: Portal
) -> None:
    agency = f"/partners/agencies/{DENTAL}"
    assert NEW in rosa.get(agency).text
    assert f"{DRAFT}/change" in rosa.get(f"/partners/agreements/{DRAFT}").text
    portal.sign_in(anybody, "nurse-01")
    assert NEW not in anybody.get(agency).text
    assert anybody.get(NEW).status_code == 403


def test_a_form_begins_with_what_the_draft_says() -> None:
    ready = milestone("Rooms are ready", "2027-01-15")
    known = agreement(
        DRAFT,
        metrics=[share(), served()],
        approvers=["agency"],
        needs=["dental"],
        eligibility=whom(minimum_age=6, insurance=["medi-cal"], zips=["94601", "94606"]),
        post_assessment="Oral health screening",
        milestones=[ready],
    )
    draft = draft_of(known)
    assert draft.lacks() is None
    body = draft.body(DENTAL, known)
    assert body["metrics"] == [
        {"kind": "accepted-within", "target": 80, "days": 2},
        {"kind": "served-by", "target": 40, "by": "2027-03-31"},
    ]
    assert (body["from"], body["approvers"]) == ("2026-08-01", ["agency"])
    assert (body["needs"], body["post_assessment"]) == (["dental"], "Oral health screening")
    assert body["milestones"] == [{"name": "Rooms are ready", "by": "2027-01-15"}]
    assert body["eligibility"] == known["eligibility"]


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        (Whom(youngest="7", oldest="5"), "entry.say-ages"),
        (Whom(youngest="6.5"), "entry.say-ages"),
        (Whom(first_grade="05", last_grade="KG"), "entry.say-grades"),
        (Whom(zips="94601, 9460"), "entry.say-zips"),
        (Whom("6", "12", "KG", "05", ("none",), "94601 94606"), None),
    ],
)
def test_whom_it_is_for_is_written_so_that_it_can_be_compared(typed: Whom, key: str | None) -> None:
    assert typed.lacks() == key


def test_a_measure_without_a_target_is_none() -> None:
    draft = Draft(("site-01",), starts="2027-01-01", measures={"served-by": Measure(by="x")})
    assert draft.lacks() is None
    assert draft.body(DENTAL, None)["metrics"] == []
