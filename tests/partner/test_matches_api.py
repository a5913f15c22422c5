"""Matches as staff ask for them: reasons, why not, and what is recorded where nothing fits."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import FastAPI, Header, HTTPException

from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.partner.main import build
from services.partner.settings import PartnerSettings
from tests.partner.build import NOW
from tests.partner.district import PEOPLE, District
from tests.running import Wires, running
from tests.servers import Cell

SITES = {
    "site-01": {
        "name": "Madrone Elementary",
        "coordinator": "Rosa Méndez",
        "phone": "+15105550180",
        "latitude": 37.776,
        "longitude": -122.217,
    }
}
REFERRALS: dict[str, dict[str, str]] = {}
"""What stands in for referral knows; who asks as `denise` may see none."""


@pytest.fixture
async def school(
    cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[District]:
    """A district whose school has a place on the map, with a referral service to ask."""
    sites, zips = tmp_path / "sites.json", tmp_path / "zips.json"
    sites.write_text(json.dumps(SITES))
    zips.write_text(json.dumps({"94601": [37.78, -122.22]}))
    monkeypatch.setenv("ENLACE_SITES_FILE", str(sites))
    monkeypatch.setenv("ENLACE_ZIP_CENTROIDS_FILE", str(zips))
    monkeypatch.setenv("ENLACE_MATCH_WEIGHTS", '{"distance": 9}')
    wires = Wires()
    wires.to[8401] = httpx2.ASGITransport(app=_referral())
    clock = FixedClock(NOW)
    async with running(
        "partner", build, PartnerSettings, cell, tmp_path, PEOPLE, clock=clock, wires=wires
    ) as service:
        yield District(service, clock)


def _referral() -> FastAPI:
    app = FastAPI()

    @app.get("/v1/referrals/{id}")
    async def referral(id: str, authorization: Annotated[str, Header()]) -> dict[str, str]:
        if id not in REFERRALS or "denise" in authorization:
            raise HTTPException(404)
        return REFERRALS[id]

    return app


async def ask(
    district: District, who: str = "rosa", path: str = "", **asked: Any
) -> httpx2.Response:
    body = {"category": "dental", "site": "site-01", **asked}
    return await district.http.post(
        f"/v1/matches{path}", json=body, headers=district.service.as_(who)
    )


async def told(district: District, **asked: Any) -> dict[str, Any]:
    answer = await ask(district, **asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def change(district: District, service: str, **changes: Any) -> None:
    path = f"/v1/services/{service}"
    known = (await district.get(path)).json()
    kept = ("agency", "name", "category", "sites", "languages", "minimum_age", "maximum_age")
    body = {name: known[name] for name in kept} | changes
    answer = await district.put(path, body, if_match=f'"{known["version"]}"')
    assert answer.status_code == 200, answer.text


def codes(reasons: list[dict[str, Any]]) -> list[str]:
    return [each["code"] for each in reasons]


async def test_a_need_is_answered_with_every_reason_in_both_languages(school: District) -> None:
    near = await school.provider("Near", seats=2, languages=["es"])
    far = await school.provider("Far", seats=2, languages=["es"])
    place = {"name": "Clinic", "latitude": 37.79, "longitude": -122.22}
    await change(school, near.service, locations=[place], terms={"cost": "free"})
    await change(school, far.service, locations=[{**place, "latitude": 38.4}])
    found = await told(school, language="es", home_zip="94601", age=7)
    assert [each["service"] for each in found["matches"]] == [near.service, far.service]
    best = found["matches"][0]
    assert codes(best["reasons"]) == ["seats-free", "language-spoken", "near-home", "cost-free"]
    assert best["reasons"][2]["es"] == "A unas 0.7 millas de casa"
    assert best["score"] > found["matches"][1]["score"]
    assert (found["total"], found["missing"], found["recorded"]) == (2, [], False)


async def test_what_somebody_has_just_entered_is_in_the_next_answer(school: District) -> None:
    assert (await told(school))["missing"] == ["no-service"]
    smiles = await school.provider("Smiles", seats=2)
    assert (await told(school))["matches"][0]["seats"] == 2
    figure = {"available": 1, "maximum": 2}
    path = f"/v1/capacities/{smiles.service}/site-01"
    assert (await school.put(path, figure, if_match='"1"')).status_code == 200
    assert (await told(school))["matches"][0]["seats"] == 1
    await change(school, smiles.service, category="vision")
    assert (await told(school))["total"] == 0
    assert (await told(school, category="vision"))["total"] == 1
    await change(school, smiles.service, category="vision", retired=True)
    assert (await told(school, category="vision"))["excluded"] == []


async def test_why_not_is_told_of_any_service(school: District) -> None:
    smiles = await school.provider("Smiles", seats=2)
    await change(school, smiles.service, minimum_age=12)
    why = (await ask(school, path="/why", service=smiles.service, age=7)).json()
    assert why["match"] is None
    assert codes(why["excluded"]["reasons"]) == ["too-young"]
    other = (await ask(school, path="/why", service=smiles.service, category="food")).json()
    assert codes(other["excluded"]["reasons"]) == ["other-need"]
    fits = (await ask(school, path="/why", service=smiles.service, age=13)).json()
    assert "age-fits" in codes(fits["match"]["reasons"])
    assert (await ask(school, path="/why", service=new_id())).status_code == 404


async def test_nothing_fits_is_recorded_once_with_what_was_missing(school: District) -> None:
    smiles = await school.provider("Smiles", seats=2)
    await change(school, smiles.service, minimum_age=12)
    referral = new_id()
    REFERRALS[referral] = {"site": "site-01", "category": "dental"}
    found = await told(school, referral=referral, age=7)
    assert (found["missing"], found["recorded"]) == (["too-young"], True)
    await told(school, referral=referral, age=7)
    (event,) = await school.told("NeedUnmatched")
    assert (event.referral, event.site, event.missing) == (referral, "site-01", ("too-young",))
    assert event.reason == "not-eligible"
    await told(school, referral=referral, age=13)
    (row,) = await school.rows("unmatched")
    assert row["found"] is True
    assert "7" not in json.dumps([row["missing"], row["site"]])


async def test_it_is_recorded_for_who_may_see_the_referral_alone(school: District) -> None:
    referral = new_id()
    REFERRALS[referral] = {"site": "site-01", "category": "vision"}
    other = await ask(school, referral=referral)
    assert (other.status_code, other.json()["type"].rsplit("/")[-1]) == (409, "not-this-referral")
    assert (await ask(school, referral=new_id())).status_code == 404
    assert (await ask(school, "denise")).status_code == 404
    assert await school.rows("unmatched") == []


async def test_a_restricted_need_is_named_nowhere_and_its_referral_is_seen_first(
    school: District,
) -> None:
    referral = new_id()
    REFERRALS[referral] = {"site": "site-01", "category": "mental-health"}
    asked = {"category": "mental-health", "referral": referral}
    assert (await ask(school, **{**asked, "referral": new_id()})).status_code == 404
    assert (await told(school, **asked))["recorded"] is True
    (event,) = await school.told("NeedUnmatched")
    assert event.category == "restricted"
    assert "mental" not in json.dumps(await school.rows("unmatched"), default=str)


async def test_matches_are_told_while_referral_is_away(district: District) -> None:
    found = await told(district, referral=new_id())
    assert (found["missing"], found["recorded"]) == (["no-service"], False)
    restricted = await ask(district, referral=new_id(), category="mental-health")
    assert restricted.status_code == 503


@pytest.mark.parametrize(
    "wrong",
    [
        {"age": 131},
        {"grade": "14"},
        {"insurance": "Medi Cal"},
        {"home_zip": "946"},
        {"times": ["night"]},
        {"name": "Ana"},
    ],
)
async def test_a_fact_that_is_not_as_asked_is_refused_in_both_languages(
    district: District, wrong: dict[str, Any]
) -> None:
    refused = await ask(district, **wrong)
    assert refused.status_code == 422
    assert refused.json()["fields"][0]["what_es"]


async def test_answers_are_measured_over_the_last_half_year(district: District) -> None:
    smiles = await district.provider("Smiles", seats=9)
    for _ in range(5):
        await district.offer(smiles)
        district.clock.advance(timedelta(hours=3))
        await district.answer(smiles, "claim")
    found = await told(district)
    assert {"replies-in-hours", "accepts"} <= set(codes(found["matches"][0]["reasons"]))
    words = {each["code"]: each["en"] for each in found["matches"][0]["reasons"]}
    assert words["replies-in-hours"] == "Usually replies in 3 hours"
    assert words["accepts"] == "Accepts 10 in 10"
