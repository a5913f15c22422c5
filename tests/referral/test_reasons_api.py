"""A district's own reasons over the API alone, on a real database."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.referral.main import build
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.test_api import PEOPLE, Family, slug
from tests.running import Running, person, running
from tests.servers import Cell

HEADS = {**PEOPLE, "dora": person("dora", "admin")}
STORM = {
    "act": "hold",
    "code": "storm",
    "names": {"en": "the roads are closed", "es": "los caminos están cerrados"},
}
TAKEN = {"cancel": 200, "enter-in-error": 200, "hold": 409}
"""What a need that is only written down answers: one that nobody was asked for cannot rest."""


@pytest.fixture
async def referral(cell: Cell, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, HEADS, clock=FixedClock(NOW)
    ) as service:
        yield service


async def lay_down(service: Running, version: int, *reasons: dict[str, Any]) -> httpx2.Response:
    headers = {**service.as_("dora"), "If-Match": f'"{version}"'}
    return await service.http.put("/v1/rules", json={"reasons": list(reasons)}, headers=headers)


@pytest.mark.parametrize("act", TAKEN)
async def test_a_reason_of_the_districts_own_is_chosen_once_it_is_laid_down_and_until_retired(
    referral: Running, act: str
) -> None:
    family = await Family(referral).entered()
    own = {**STORM, "act": act}

    async def act_on_a_new_one() -> httpx2.Response:
        written = await family.referral(new_id(), despite_duplicate="Another child")
        return await referral.http.post(
            f"/v1/referrals/{written.json()['id']}/{act}",
            json={"reason": "storm"},
            headers={**referral.as_("rosa"), "If-Match": written.headers["etag"]},
        )

    early = await act_on_a_new_one()
    assert (early.status_code, slug(early)) == (422, "reason-unknown")
    assert "other" in early.json()["detail"], "it says what may be sent"
    assert (await lay_down(referral, 1, own)).status_code == 200
    taken = await act_on_a_new_one()
    assert taken.status_code == TAKEN[act]
    assert taken.is_success or slug(taken) == "wrong-state", "the reason was let pass"
    assert (await lay_down(referral, 2, {**own, "retired": True})).status_code == 200
    late = await act_on_a_new_one()
    assert (late.status_code, slug(late)) == (409, "reason-retired")
    if taken.is_success:
        again = await referral.http.post(
            f"/v1/referrals/{taken.json()['id']}/{act}",
            json={"reason": "storm"},
            headers={**referral.as_("rosa"), "If-Match": taken.headers["etag"]},
        )
        assert again.status_code == 200, "a repeat chooses nothing"


async def test_the_timeline_says_why_a_referral_was_given_up(referral: Running) -> None:
    family = await Family(referral).entered()
    written = (await family.referral(new_id())).json()
    await referral.http.post(
        f"/v1/referrals/{written['id']}/cancel",
        json={"reason": "moved-away"},
        headers={**referral.as_("rosa"), "If-Match": f'"{written["version"]}"'},
    )
    path = f"/v1/referrals/{written['id']}/timeline"
    lines = (await referral.http.get(path, headers=referral.as_("rosa"))).json()["items"]
    assert lines[-1]["what"] == "referral.cancelled"
    assert lines[-1]["about"] == {"reason": "moved-away"}


async def test_forms_read_the_reasons_and_a_reason_is_never_taken_away(referral: Running) -> None:
    assert (await lay_down(referral, 1, STORM)).status_code == 200
    gone = await lay_down(referral, 2)
    assert (gone.status_code, slug(gone)) == (409, "reason-gone")
    assert "storm" in gone.json()["detail"]
    listed = await referral.http.get("/v1/reasons", headers=referral.as_("nurse"))
    storm = next(each for each in listed.json() if each["code"] == "storm")
    assert storm == {
        "act": "hold",
        "code": "storm",
        "names": {"en": "the roads are closed", "es": "los caminos están cerrados"},
        "retired": False,
        "offered": True,
        "shipped": False,
    }
    by_itself = next(each for each in listed.json() if each["code"] == "consent-revoked")
    assert (by_itself["offered"], by_itself["shipped"]) == (False, True)


async def test_a_cancel_never_says_that_a_consent_was_taken_back(referral: Running) -> None:
    family = await Family(referral).entered()
    written = await family.referral(new_id())
    refused = await referral.http.post(
        f"/v1/referrals/{written.json()['id']}/cancel",
        json={"reason": "consent-revoked"},
        headers={**referral.as_("rosa"), "If-Match": written.headers["etag"]},
    )
    assert (refused.status_code, slug(refused)) == (409, "reason-by-itself")
    assert "take the consent back" in refused.json()["detail"]
    assert "retire el consentimiento" in refused.json()["detail_es"]


async def test_reasons_are_told_as_the_full_state_and_only_when_they_change(
    referral: Running,
) -> None:
    assert (await lay_down(referral, 1, STORM)).status_code == 200
    assert (await lay_down(referral, 2, STORM)).status_code == 200
    rows = referral.chassis.database["event_log"].find({"topic": "rules", "key": "reasons"})
    told = [row async for row in rows.sort("sequence", 1)]
    assert len(told) == 2, "at the start, and once it changed"


async def test_a_language_that_is_retired_stays_with_who_has_it(referral: Running) -> None:
    headers = {**referral.as_("dora"), "If-Match": '"1"'}
    retired = {"languages": [{"code": "tl", "retired": True}]}
    laid = await referral.http.put("/v1/rules", json=retired, headers=headers)
    assert laid.status_code == 200, laid.text
    listed = await referral.http.get("/v1/languages", headers=referral.as_("nurse"))
    assert {each["code"]: each["retired"] for each in listed.json()}["tl"] is True
    english = {"languages": [{"code": "en", "retired": True}]}
    refused = await referral.http.put(
        "/v1/rules", json=english, headers={**headers, "If-Match": '"2"'}
    )
    assert refused.status_code == 422
    assert "leave retired out" in refused.text
