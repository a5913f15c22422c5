"""Agreements over HTTP: review by those who must, papers that stop offers, measures."""

from datetime import date, timedelta
from typing import Any

import httpx2
import pytest

from contracts.rules import CalendarChanged, DistrictHoliday
from services.chassis.ids import new_id
from tests.partner.build import SITE
from tests.partner.district import PEOPLE, District
from tests.running import person


async def entered(district: District, **changes: Any) -> str:
    """Enter an agency and an agreement with it; returns the agreement's id."""
    agency, id = new_id(), new_id()
    contact = {"id": new_id(), "name": "Marked Person", "email": "marked@example.org"}
    made = await district.put(f"/v1/agencies/{agency}", {"name": "Smiles", "contacts": [contact]})
    assert made.status_code == 200, made.text
    PEOPLE["dana"] = person("dana", f"agency-admin:{agency}")
    body = {
        "agency": agency,
        "status": "draft",
        "sites": [SITE],
        "from": "2026-08-01",
        "until": "2027-06-30",
        **changes,
    }
    answer = await district.put(f"/v1/agreements/{id}", body)
    assert answer.status_code == 200, answer.text
    return id


async def step(
    district: District,
    id: str,
    what: str,
    body: dict[str, Any] | None = None,
    who: str = "rosa",
    method: str = "POST",
) -> httpx2.Response:
    seen = (await district.get(f"/v1/agreements/{id}", who="admin")).headers["ETag"]
    return await district.http.request(
        method,
        f"/v1/agreements/{id}/{what}",
        json=body or {},
        headers={**district.service.as_(who), "If-Match": seen},
    )


async def test_it_is_in_force_once_school_and_agency_have_approved(district: District) -> None:
    id = await entered(district, approvers=["coordinator", "agency"])
    assert (await step(district, id, "submit")).json()["status"] == "in-review"
    half = (await step(district, id, "approve")).json()
    assert (half["unapproved"], half["live"]) == (["agency"], False)
    refused = await step(district, id, "approve", who="admin")
    slug = refused.json()["type"].rpartition("/")[2]
    assert (refused.status_code, slug) == (409, "not-an-approver")
    whole = (await step(district, id, "approve", who="dana")).json()
    assert (whole["status"], whole["live"]) == ("active", True)
    given = [(each["by"], each["name"]) for each in whole["approvals"]]
    assert given == [("rosa", "Rosa"), ("dana", "Dana")]
    changed = (await district.told("AgreementChanged"))[-1]
    assert changed.status == "active"


async def test_what_was_approved_is_not_changed_behind_anybodys_back(district: District) -> None:
    id = await entered(district, approvers=["coordinator"])
    await step(district, id, "submit")
    await step(district, id, "approve")
    found = await district.get(f"/v1/agreements/{id}")
    known = found.json()
    body = {
        "agency": known["agency"],
        "status": "draft",
        "sites": [SITE],
        "from": "2026-08-01",
        "until": "2029-06-30",
        "approvers": ["coordinator"],
    }
    refused = await district.put(f"/v1/agreements/{id}", body, if_match=found.headers["ETag"])
    assert refused.status_code == 409
    assert "renew it" in refused.json()["detail"]


async def test_a_paper_that_is_missing_stops_offers_until_it_is_seen(district: District) -> None:
    id = await entered(district, status="active", requires=["insurance"])
    known = (await district.get(f"/v1/agreements/{id}")).json()
    assert (known["live"], known["lacking"]) == (False, ["insurance"])
    assert (await district.told("AgreementChanged"))[-1].lacking == ("insurance",)
    seen = await step(district, id, "papers/insurance", {"until": "2027-01-31"}, method="PUT")
    assert (seen.status_code, seen.json()["live"]) == (200, True)
    assert (await district.told("AgreementChanged"))[-1].lacking == ()


async def test_a_renewal_is_a_draft_that_shows_what_differs(district: District) -> None:
    id = await entered(district, status="active", requires=["insurance"])
    fresh = new_id()
    body = {"id": fresh, "from": "2027-07-01", "until": "2028-06-30"}
    for _ in range(2):
        made = await step(district, id, "renew", body)
        assert made.status_code == 200, made.text
    assert (made.json()["status"], made.json()["renews"]) == ("draft", id)
    changes = (await district.get(f"/v1/agreements/{fresh}/changes")).json()
    assert [each["term"] for each in changes] == ["starts", "until"]


TERMS = {
    "needs": ["dental"],
    "pre_assessment": "Oral health screening",
    "post_assessment": "Oral health screening, again",
    "milestones": [
        {"name": "Rooms are ready", "by": "2026-09-01"},
        {"name": "First clinic day", "by": "2027-02-01"},
    ],
}


async def test_it_names_its_needs_its_assessments_and_what_is_to_be_done_by_when(
    district: District,
) -> None:
    id = await entered(district, status="active", **TERMS)
    known = (await district.get(f"/v1/agreements/{id}")).json()
    assert {name: known[name] for name in TERMS if name != "milestones"} == {
        name: told for name, told in TERMS.items() if name != "milestones"
    }
    late = [(each["name"], each["overdue"]) for each in known["milestones"]]
    assert late == [("Rooms are ready", True), ("First clinic day", False)]
    said = {"name": "Rooms are ready", "reached": True}
    told = await step(district, id, "milestones", said, who="dana", method="PUT")
    assert told.status_code == 200, told.text
    done = told.json()["milestones"][0]
    assert (done["overdue"], done["reached"]["name"], done["reached"]["by"]) == (
        False,
        "Dana",
        "dana",
    )
    back = await step(district, id, "milestones", {**said, "reached": False}, method="PUT")
    assert back.json()["milestones"][0]["reached"] is None
    stored = str(await district.rows("agreements"))
    assert "Dana" not in stored, "names are sealed"


async def test_a_milestone_is_no_matter_of_another_school_or_agency(district: District) -> None:
    id = await entered(district, status="active", **TERMS)
    PEOPLE["other"] = person("other", f"agency-admin:{new_id()}")
    said = {"name": "Rooms are ready", "reached": True}
    assert (await step(district, id, "milestones", said, "other", "PUT")).status_code == 404
    assert (await step(district, id, "milestones", said, "denise", "PUT")).status_code == 403
    gone = await step(district, id, "milestones", {**said, "name": "Another"}, "rosa", "PUT")
    assert gone.status_code == 404


async def test_a_late_milestone_is_told_to_the_agency_once(district: District) -> None:
    id = await entered(district, status="active", **TERMS)
    for _ in range(2):
        await district.sweep()
    (told,) = await district.told("AgreementMilestoneOverdue")
    assert (told.agreement, told.by.isoformat(), told.site) == (id, "2026-09-01", SITE)


async def test_answers_are_counted_in_the_districts_school_days(district: District) -> None:
    week = DistrictHoliday(first=date(2026, 10, 14), until=date(2026, 10, 20))
    await district.lay_down(CalendarChanged(part="calendar", version=2, holidays=(week,)))
    smiles = await district.provider("Smiles", seats=9)
    path = f"/v1/agreements/{smiles.agreement}"
    found = await district.get(path)
    body = {
        "agency": smiles.agency,
        "status": "active",
        "sites": [SITE],
        "from": "2026-08-01",
        "metrics": [{"kind": "answered-within", "target": 80, "days": 1}],
    }
    await district.put(path, body, if_match=found.headers["ETag"])
    for _ in range(5):
        await district.offer(smiles)
    district.clock.advance(timedelta(days=2))
    (told,) = (await district.get(f"{path}/metrics")).json()
    assert (told["standing"], told["of"]) == ("too-few", 0), "there was no school since"


async def test_it_stands_by_its_measures_from_what_happened_to_the_offers(
    district: District,
) -> None:
    smiles = await district.provider("Smiles", seats=9)
    found = await district.get(f"/v1/agreements/{smiles.agreement}")
    body = {
        "agency": smiles.agency,
        "status": "active",
        "sites": [SITE],
        "from": "2026-08-01",
        "until": "2027-06-30",
        "metrics": [
            {"kind": "accepted-within", "target": 80, "days": 2},
            {"kind": "served-by", "target": 2, "by": "2027-03-31"},
        ],
    }
    path = f"/v1/agreements/{smiles.agreement}"
    put = await district.put(path, body, if_match=found.headers["ETag"])
    assert put.status_code == 200, put.text
    for number in range(6):
        referral = await district.offer(smiles)
        if number == 5:
            await district.answer(smiles, "decline", {"reason": "no-capacity"})
            continue
        await district.answer(smiles, "claim")
        if number < 2:
            await district.accept(referral)
            await district.answer(smiles, "progress", {"progress": "started"})
    share, served = (await district.get(f"{path}/metrics")).json()
    assert (share["value"], share["of"], share["standing"]) == (83, 6, "on-track")
    assert (served["value"], served["standing"]) == (2, "met")


def _slug(answer: httpx2.Response) -> str:
    return str(answer.json()["type"].rsplit("/")[-1])


async def test_an_agreement_and_the_performance_count_offers_by_one_rule(
    district: District,
) -> None:
    smiles = await district.provider("Smiles", seats=2)
    others = await district.provider("Others", seats=30)
    path = f"/v1/agreements/{smiles.agreement}"
    found = await district.get(path)
    kinds = ("accepted-within", "answered-within")
    body = {
        "agency": smiles.agency,
        "status": "active",
        "sites": [SITE],
        "from": "2026-08-01",
        "metrics": [{"kind": kind, "target": 80, "days": 2} for kind in kinds],
    }
    assert (await district.put(path, body, if_match=found.headers["ETag"])).status_code == 200

    async def stands() -> list[tuple[int | None, int]]:
        told = (await district.get(f"{path}/metrics")).json()
        return [(each["value"], each["of"]) for each in told]

    for _ in range(6):  # another was faster
        await district.offer(smiles, others)
        await district.answer(others, "claim")
    for _ in range(5):
        referral = await district.offer(smiles)
        await district.happened(referral, "ReferralCancelled", reason="other")
    await district.offer(smiles)
    mistaken = await district.offer(smiles)
    await district.happened(mistaken, "ReferralEnteredInError")
    for _ in range(2):
        await district.offer(smiles)
        await district.answer(smiles, "claim")
    for _ in range(6):  # its seats are taken
        await district.offer(smiles)
        await district.answer(smiles, "waitlist")
    district.clock.advance(timedelta(days=7))
    await district.sweep()
    assert await stands() == [(None, 3), (88, 9)], "two yes and one silence; eight of nine answered"


async def test_an_agreement_stays_with_its_agency_and_an_ended_one_stays_ended(
    district: District,
) -> None:
    smiles, others = await district.provider("Smiles"), await district.provider("Others")
    path = f"/v1/agreements/{smiles.agreement}"
    body = {"agency": others.agency, "status": "active", "sites": [SITE], "from": "2026-08-01"}
    moved = await district.put(path, body, if_match=(await district.get(path)).headers["ETag"])
    assert (moved.status_code, _slug(moved)) == (409, "agreement-of-another")
    ended = await step(district, smiles.agreement, "end", {"because": "They moved away."})
    assert ended.json()["status"] == "ended"
    again = {**body, "agency": smiles.agency}
    revived = await district.put(path, again, if_match=(await district.get(path)).headers["ETag"])
    assert (revived.status_code, _slug(revived)) == (409, "agreement-ended")
    assert (await district.get(path)).json()["ended_because"] == "They moved away."


async def test_another_agency_sees_nothing_of_it(district: District) -> None:
    id = await entered(district)
    PEOPLE["other"] = person("other", f"agency-admin:{new_id()}")
    for path in ("", "/metrics", "/changes"):
        answer = await district.get(f"/v1/agreements/{id}{path}", who="other")
        assert answer.status_code == 404
    assert (await step(district, id, "approve", who="other")).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"approvers": ["agency"], "status": "active"},
        {"papers": [{"kind": "insurance"}, {"kind": "insurance"}]},
        {"metrics": [{"kind": "accepted-within", "target": 80}]},
        {"metrics": [{"kind": "accepted-within", "target": 101, "days": 2}]},
        {"metrics": [{"kind": "served-by", "target": 4, "days": 2}]},
        {"requires": ["agreement"]},
        {"milestones": [{"name": "a", "by": "2027-01-01"}, {"name": "a", "by": "2027-02-01"}]},
        {"until": "2027-06-30", "milestones": [{"name": "a", "by": "2027-07-01"}]},
        {"needs": ["no-such-need"]},
        {"pre_assessment": "x" * 201},
    ],
)
async def test_what_contradicts_itself_is_refused_with_what_to_do(
    district: District, changes: dict[str, Any]
) -> None:
    body = {"agency": new_id(), "status": "draft", "sites": [SITE], "from": "2026-08-01"}
    answer = await district.put(f"/v1/agreements/{new_id()}", {**body, **changes})
    assert answer.status_code == 422, answer.text


async def test_whom_it_is_for_is_kept_renewed_and_told(district: District) -> None:
    whom = {"minimum_age": 6, "maximum_age": 12, "insurance": ["medi-cal"], "zips": ["94601"]}
    id = await entered(district, eligibility=whom)
    shown = (await district.get(f"/v1/agreements/{id}")).json()
    assert shown["eligibility"] == {**whom, "first_grade": None, "last_grade": None}
    again = {"id": new_id(), "from": "2027-08-01", "until": "2028-06-30"}
    renewed = (await step(district, id, "renew", again)).json()
    assert renewed["eligibility"] == shown["eligibility"]
    for wrong in (
        {"minimum_age": 12, "maximum_age": 6},
        {"first_grade": "05", "last_grade": "KG"},
        {"zips": ["9460"]},
        {"minimum_age": 6.5},
    ):
        body = {
            "agency": shown["agency"],
            "status": "draft",
            "sites": [SITE],
            "from": "2026-08-01",
            "eligibility": wrong,
        }
        refused = await district.put(f"/v1/agreements/{new_id()}", body)
        assert refused.status_code == 422, wrong


async def test_matching_leaves_out_whom_the_agreement_is_not_for_and_says_why(
    district: District,
) -> None:
    smiles = await district.provider("Smiles", seats=2)
    path = f"/v1/agreements/{smiles.agreement}"
    known = await district.get(path)
    shown = known.json()
    body = {name: shown[name] for name in ("agency", "status", "sites", "from", "until")}
    whom = {"maximum_age": 12, "first_grade": "KG", "last_grade": "05"}
    await district.put(path, {**body, "eligibility": whom}, if_match=known.headers["ETag"])

    async def asked(**facts: object) -> dict[str, Any]:
        need = {"category": "dental", "site": SITE, **facts}
        headers = district.service.as_("rosa")
        answer = await district.http.post("/v1/matches", json=need, headers=headers)
        found: dict[str, Any] = answer.json()
        return found

    assert (await asked(age=7, grade="02"))["total"] == 1
    late = await asked(age=14, grade="08")
    (excluded,) = late["excluded"]
    assert [each["code"] for each in excluded["reasons"]] == ["agreed-ages", "agreed-grades"]
    assert excluded["reasons"][1]["es"] == "El convenio es para los grados KG-05"
    assert late["missing"] == ["agreed-ages", "agreed-grades"]


async def test_those_at_the_school_see_what_runs_out_from_sixty_days_before(
    district: District,
) -> None:
    today = district.clock.now().date()

    def day(number: int) -> str:
        return (today + timedelta(days=number)).isoformat()

    id = await entered(
        district,
        status="active",
        requires=["insurance"],
        papers=[{"kind": "insurance", "until": day(59)}, {"kind": "license", "until": day(2)}],
        milestones=[
            {"name": "Rooms are ready", "by": day(-3)},
            {"name": "Twenty children", "by": day(7)},
            {"name": "Forty children", "by": day(100)},
        ],
    )
    await entered(district, status="active", sites=["site-02"], until=day(10))
    await entered(district, status="draft", until=day(10))

    async def seen(who: str) -> list[tuple[str, int, int]]:
        answer = await district.get("/v1/agreement-deadlines", who)
        assert answer.status_code == 200, answer.text
        items = answer.json()["items"]
        return [(each["name"], each["left"], each["step"]) for each in items]

    assert await seen("rosa") == [
        ("Rooms are ready", -3, 0),
        ("Twenty children", 7, 7),
        ("insurance", 59, 60),
    ]
    assert await seen("lead") == await seen("rosa")
    assert await seen("denise") == [("agreement", 10, 30)]
    assert len(await seen("admin")) == 4
    assert (await district.get("/v1/agreement-deadlines", "carla")).status_code == 403
    await step(
        district, id, "milestones", {"name": "Rooms are ready", "reached": True}, method="PUT"
    )
    await step(district, id, "papers/insurance", {"until": day(400)}, method="PUT")
    assert await seen("rosa") == [("Twenty children", 7, 7)]
    shown = (await district.get(f"/v1/agreements/{id}")).json()
    assert [each["name"] for each in shown["deadlines"]] == ["Twenty children"]
