"""A copy of a family's record on a real database: what is in it, and for whom."""

import json
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from services.chassis.ids import new_id
from tests.referral.consents.scene import Scene, scene_in, slug
from tests.referral.test_merges_api import Two
from tests.servers import Cell

LINE = {
    "at": "2026-10-13T17:05:00Z",
    "outgoing": True,
    "channel": "sms",
    "text": "Soy Rosa, de la escuela",
}


class Notify:
    """Answers as notify's `POST /v1/person-records` does, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.up = True


@pytest.fixture
def notify(monkeypatch: pytest.MonkeyPatch) -> Iterator[Notify]:
    there = Notify()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            there.asked.append(json.loads(body))
            self.send_response(200 if there.up else 503)
            self.end_headers()
            self.wfile.write(json.dumps([LINE]).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("ENLACE_NOTIFY_URL", f"http://127.0.0.1:{server.server_port}")
    yield there
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
async def scene(cell: Cell, tmp_path: Path, notify: Notify) -> AsyncIterator[Scene]:
    del notify
    async with scene_in(cell, tmp_path) as found:
        await found.give()
        yield found


async def export(scene: Scene, reader: str, who: str = "rosa", **query: str) -> Any:
    params = {"reader": reader, **query}
    return await scene.call("GET", f"/v1/families/{scene.family}/export", who=who, params=params)


async def written(scene: Scene, referral: str | None, words: str, **more: str) -> None:
    body = {"student": scene.student, "words": words, "visibility": "care-team", **more}
    if referral is not None:
        body["referral"] = referral
    await scene.done("PUT", f"/v1/notes/{new_id()}", body)


async def test_it_holds_what_is_held_here_and_at_notify(scene: Scene, notify: Notify) -> None:
    referral, claim = await scene.taken()
    await scene.read(referral, claim)
    await written(scene, referral, "Her mother called twice")
    await written(scene, None, "Likes the music room")
    call = {
        "student": scene.student,
        "kind": "call",
        "reached": True,
        "happened_at": "2026-10-13T16:00:00Z",
        "words": "She can come on Friday",
    }
    await scene.done("PUT", f"/v1/contact-attempts/{new_id()}", call)

    answer = await export(scene, scene.mother)

    assert answer.status_code == 200, answer.text
    copy = answer.json()["sections"]
    assert copy["children"][0]["given_name"] == "Ana"
    assert [each["need"] for each in copy["referrals"]] == ["Le duele al masticar"]
    assert {each["words"] for each in copy["notes"]} == {
        "Her mother called twice",
        "Likes the music room",
    }
    assert copy["contact_attempts"][0]["words"] == "She can come on Friday"
    assert [each["agency"] for each in copy["disclosures"]] == ["agy-smiles"]
    assert copy["messages"] == [LINE]
    assert notify.asked == [{"persons": [scene.mother], "referrals": [referral]}]


async def test_after_a_merge_each_reader_s_copy_is_as_wide_as_before(scene: Scene) -> None:
    two = await Two(scene).entered()
    note = {"student": two.student, "visibility": "care-team", "words": "Falta mucho"}
    await scene.done("PUT", f"/v1/notes/{new_id()}", note)
    tier = {"tier": 2, "why": "Reads two grades below"}
    await scene.done("PUT", f"/v1/students/{two.student}/tiers/{new_id()}", tier)
    who = {"given_name": "Luis", "family_name": "Campoverde", "home_zip": "94601"}
    seen = await scene.call("GET", f"/v1/students/{two.student}")
    await scene.done(
        "PUT",
        f"/v1/students/{two.student}/details",
        who,
        headers={"If-Match": seen.headers["etag"]},
    )
    assert (await two.merged()).status_code == 200
    theirs = ("Luis", "Campoverde", "94601", "Falta mucho", "Reads two grades", "Carmen")
    ways: tuple[dict[str, str], ...] = (
        {},
        {"format": "html"},
        {"format": "html", "language": "en"},
    )

    for way in ways:
        mothers = (await export(scene, scene.mother, **way)).text
        assert [mark for mark in theirs if mark in mothers] == []
        assert [mark for mark in ("Elena", "Mateo", "Ana") if mark not in mothers] == []
        aunts = (await export(scene, two.aunt, **way)).text
        assert [mark for mark in theirs if mark not in aunts] == []
        assert [mark for mark in ("Elena", "Mateo", "Ana") if mark in aunts] == []
        own = (await export(scene, two.student, **way)).text
        assert "Elena" not in own
        assert "Carmen" in own


async def test_a_contact_who_is_told_of_no_child_has_a_copy_of_themselves_alone(
    scene: Scene,
) -> None:
    body = {
        "id": new_id(),
        "relation": "relative",
        "given_name": "Carmen",
        "reads": "es",
        "may_be_told": True,
        "only_of": [],
    }
    path = f"/v1/families/{scene.family}/contacts/{body['id']}"
    await scene.done("PUT", path, body, headers={"If-Match": '"1"'})

    copy = (await export(scene, str(body["id"]))).json()["sections"]

    assert set(copy) == {"people", "messages"}
    assert [each["name"] for each in copy["people"]] == ["Carmen"]


async def test_a_child_protection_report_and_a_private_note_are_in_nobody_s_copy(
    scene: Scene,
) -> None:
    report = {"student": scene.student, "words": "What a teacher heard on Monday"}
    await scene.done("PUT", f"/v1/protection-reports/{new_id()}", report)
    await written(scene, None, "My own memory of it", visibility="only-me")
    for reader in (scene.mother, scene.student):
        text = (await export(scene, reader)).text
        assert "heard on Monday" not in text
        assert "My own memory" not in text


async def test_what_a_student_confided_is_in_the_student_s_copy_alone(scene: Scene) -> None:
    await scene.confide()
    referral = await scene.referral("mental-health")
    await written(scene, referral, "Talks about the night")
    await written(scene, None, "Came back from counseling at ten")
    marks = ("mental-health", "Talks about", "counseling at ten")

    mothers, own = await export(scene, scene.mother), await export(scene, scene.student)

    assert [mark for mark in marks if mark in mothers.text] == []
    assert [mark for mark in marks if mark in own.text] == list(marks)


async def test_a_restricted_need_is_in_the_copy_of_the_guardian_who_consented_alone(
    scene: Scene,
) -> None:
    await scene.give(categories=["domestic-violence"])
    await scene.referral("domestic-violence")
    father = {
        "id": scene.father,
        "relation": "father",
        "given_name": "Mateo",
        "reads": "es",
        "phone": "+15105550199",
        "may_be_told": True,
    }
    path = f"/v1/families/{scene.family}/contacts/{scene.father}"
    await scene.done("PUT", path, father, headers={"If-Match": '"1"'})

    assert "domestic-violence" in (await export(scene, scene.mother)).text
    assert "domestic-violence" not in (await export(scene, scene.father)).text
    unnamed = await export(scene, scene.mother, who="admin")
    assert "domestic-violence" not in unnamed.text


async def test_nobody_learns_another_person_s_address(scene: Scene) -> None:
    own = await export(scene, scene.student)
    people = own.json()["sections"]["people"]
    assert {each["name"] for each in people} == {"Elena", "Mateo"}
    assert "555" not in own.text


async def test_it_is_made_for_nobody_who_may_not_be_told(scene: Scene) -> None:
    refused = await export(scene, scene.father)
    stranger = await export(scene, new_id())
    assert (slug(refused), slug(stranger)) == ("may-not-be-told", "may-not-be-told")


@pytest.mark.parametrize(
    ("language", "title"),
    [("es", "Los datos que guardamos de su familia"), ("en", "The records we hold on your family")],
)
async def test_it_is_a_page_to_read_in_spanish_or_english(
    scene: Scene, language: str, title: str
) -> None:
    referral, _ = await scene.taken()
    await written(scene, referral, "<b>Bold</b>")
    page = await export(
        scene,
        scene.mother,
        format="html",
        language=language,
        name="agy-smiles:Smiles & Co",
    )
    assert page.headers["content-type"].startswith("text/html")
    assert f'<html lang="{language}">' in page.text
    assert title in page.text
    assert "&lt;b&gt;Bold" in page.text
    assert "Smiles &amp; Co" in page.text
    raw = ("agy-smiles", " UTC", "signed-on-screen", "arrange-service", "T17:", ">rosa<", referral)
    assert [each for each in raw if each in page.text] == []


async def test_half_a_copy_is_none(scene: Scene, notify: Notify) -> None:
    notify.up = False
    answer = await export(scene, scene.mother)
    assert (answer.status_code, slug(answer)) == (503, "messages-away")


async def test_another_school_and_other_roles_get_none_and_each_copy_is_in_the_audit_log(
    scene: Scene,
) -> None:
    assert (await export(scene, scene.mother, who="denise")).status_code == 404
    assert (await export(scene, scene.mother, who="nurse")).status_code == 403
    await export(scene, scene.mother)
    found = await scene.done("GET", "/v1/audit-log?action=export-made", who="admin")
    assert [each["about"]["reader"] for each in found["items"]] == [scene.mother]
