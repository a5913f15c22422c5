"""Notes for the partner leave the school on the path that shows identity alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.referral.main import build
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.test_api import PEOPLE
from tests.referral.test_release import Scene
from tests.running import running
from tests.servers import Cell


@pytest.fixture
async def scene(cell: Cell, tmp_path: Path) -> AsyncIterator[Scene]:
    clock = FixedClock(NOW)
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, PEOPLE, clock=clock
    ) as service:
        yield await Scene(service, tmp_path, clock).claimed()


async def test_a_note_for_the_partner_is_read_under_a_consent_that_names_notes_alone(
    scene: Scene,
) -> None:
    student = scene.family.student
    for words, visibility in (("Usa silla de ruedas", "partner"), ("Interno", "care-team")):
        body = {
            "student": student,
            "referral": scene.id,
            "words": words,
            "visibility": visibility,
        }
        note = await scene.family.put(f"/v1/notes/{new_id()}", body)
        assert note.status_code == 200, note.text
    status, identity = await scene.read(scene.token())
    assert (status, identity["notes"]) == (200, []), "this consent does not name notes"

    rows = await scene.service.chassis.database["consents"].find_one({})
    assert rows is not None
    first = rows["consents"][0]["id"]
    named = {**scene.family.consent_body(), "parts": ["name", "notes"]}
    assert (await scene.family.put(f"/v1/consents/{new_id()}", named)).status_code == 200
    revoked = await scene.service.http.post(
        f"/v1/students/{student}/consents/{first}/revoke",
        json={},
        headers=scene.service.as_("rosa"),
    )
    assert revoked.status_code == 200, revoked.text
    _, identity = await scene.read(scene.token())
    assert identity["notes"] == ["Usa silla de ruedas"]
    row = await scene.service.chassis.database["disclosures"].find_one({"parts": "notes"})
    assert row is not None, "the disclosure says that notes were read"
