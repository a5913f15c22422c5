"""The scan of a signed paper: what is taken, who reads it, and that nobody else can."""

import asyncio
from typing import Any

import pytest

from contracts.codes import Audience
from services.chassis.ids import new_id
from services.chassis.privacy import Vault, read_root_key
from services.chassis.scan import MAX_SCAN, ScanKind, kind_of
from services.chassis.scans import Scans
from services.chassis.service import Chassis
from services.referral.api.context import record_erased
from services.referral.handlers.consents import honour_consents
from services.referral.model.consent import ConsentBook
from services.referral.model.referral import BusinessStatus, State
from tests.referral.consents.scene import Scene, slug

PDF = b"%PDF-1.7\n" + b"Ana Invented signed here. " * 20_000 + b"\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(500)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(500)


def address(scene: Scene, consent: str) -> str:
    return f"/v1/consent-scans?student={scene.student}&consent={consent}"


@pytest.mark.parametrize(
    ("content", "kind"), [(PDF, ScanKind.PDF), (JPEG, ScanKind.JPEG), (PNG, ScanKind.PNG)]
)
async def test_a_paper_comes_back_as_it_was_stored(
    scene: Scene, content: bytes, kind: ScanKind
) -> None:
    id = await scene.give(method="paper")
    stored = await scene.done("PUT", address(scene, id), content=content)
    assert (stored["type"], stored["size"]) == (kind.value, len(content))
    back = await scene.call("GET", address(scene, id))
    assert back.content == content
    assert back.headers["content-type"] == kind.value
    assert back.headers["content-disposition"].startswith("attachment;")
    assert back.headers["cache-control"] == "no-store"
    (seen,) = await scene.consents()
    assert (seen["scan"], seen["scan_missing"]) == (kind.value, False)


async def test_a_paper_holds_from_when_its_scan_is_stored(scene: Scene) -> None:
    id = new_id()
    entered = await scene.done("PUT", f"/v1/consents/{id}", scene.consent(method="paper"))
    assert entered == {"id": id, "scan_missing": True, "warnings": []}
    (seen,) = await scene.consents()
    assert (seen["holds"], seen["scan_missing"]) == (False, True)
    referral, claim = await scene.taken()
    assert (await scene.state(referral)).business is BusinessStatus.AWAITING_CONSENT
    await honour_consents(scene.desk, scene.student)
    waits = await scene.state(referral)
    assert (waits.business, waits.audience) == (BusinessStatus.AWAITING_CONSENT, Audience.NOBODY)
    assert (await scene.read(referral, claim)).status_code == 404
    await scene.done("PUT", address(scene, id), content=JPEG)
    (seen,) = await scene.consents()
    assert (seen["holds"], seen["scan_missing"]) == (True, False)
    assert (await scene.told(scene.family))[-2:] == ["consent.granted", "consent.started"]
    await honour_consents(scene.desk, scene.student)  # as its event brings it back
    goes_on = await scene.state(referral)
    assert (goes_on.state, goes_on.audience) == (State.ACCEPTED, Audience.GUARDIAN)
    assert (await scene.read(referral, claim)).status_code == 200


@pytest.mark.parametrize(
    ("content", "status", "why"),
    [
        (b"", 422, "scan-empty"),
        (b"PK\x03\x04 a word processor's file", 422, "scan-type"),
        (b"<html>%PDF-</html>", 422, "scan-type"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(99), 422, "scan-type"),
        (PDF[:10] + bytes(MAX_SCAN), 413, "too-large"),
    ],
)
async def test_another_kind_of_file_is_refused_and_nothing_stored(
    scene: Scene, content: bytes, status: int, why: str
) -> None:
    id = await scene.give(method="paper")
    answer = await scene.call(
        "PUT", address(scene, id), content=content, headers={"Content-Type": "application/pdf"}
    )
    assert (answer.status_code, slug(answer)) == (status, why)
    assert "Nothing was" in answer.json()["detail"]
    assert await scene.service.chassis.database["scans.files"].count_documents({}) == 0


def test_a_file_of_ten_mebibytes_is_taken_and_one_byte_more_is_not() -> None:
    assert kind_of(JPEG[:4] + bytes(MAX_SCAN - 4)) is ScanKind.JPEG
    with pytest.raises(Exception, match="larger than 10 MiB"):
        kind_of(JPEG[:4] + bytes(MAX_SCAN - 3))


async def test_the_same_file_again_changes_nothing_and_another_is_refused(scene: Scene) -> None:
    id = await scene.give(method="paper")
    path = address(scene, id)
    answers = await asyncio.gather(*(scene.done("PUT", path, content=PDF) for _ in range(4)))
    assert len({str(answer) for answer in answers}) == 1
    assert await scene.done("PUT", path, content=PDF) == answers[0]
    other = await scene.call("PUT", path, content=JPEG)
    assert (other.status_code, slug(other)) == (409, "scan-there")
    assert (await scene.call("GET", path)).content == PDF
    files = scene.service.chassis.database["scans.files"]
    assert await files.count_documents({}) == 1, "what no consent names is removed"


async def test_only_a_paper_has_a_scan(scene: Scene) -> None:
    id = await scene.give(method="signed-on-screen")
    answer = await scene.call("PUT", address(scene, id), content=PDF)
    assert (answer.status_code, slug(answer)) == (409, "no-paper")
    missing = await scene.call("PUT", address(scene, new_id()), content=PDF)
    assert missing.status_code == 404


async def test_only_coordinators_of_the_school_read_it(scene: Scene) -> None:
    id = await scene.give(method="paper")
    path = address(scene, id)
    await scene.done("PUT", path, content=PDF)
    for who, status in (("denise", 404), ("nurse", 403), ("admin", 200)):
        assert (await scene.call("GET", path, who=who)).status_code == status, who
        if who != "admin":
            assert (await scene.call("PUT", path, content=PDF, who=who)).status_code == status


async def test_the_database_holds_nothing_of_the_paper(scene: Scene) -> None:
    id = await scene.give(method="paper")
    await scene.done("PUT", address(scene, id), content=PDF)
    chunks = scene.service.chassis.database["scans.chunks"]
    stored = b"".join([bytes(row["data"]) async for row in chunks.find({}).sort("n", 1)])
    assert len(stored) == len(PDF) + 12 + 16, "nonce and tag"
    assert b"Invented" not in stored
    assert b"%PDF-1.7" not in stored


async def test_erasing_the_child_makes_the_paper_unreadable(scene: Scene) -> None:
    id = await scene.give(method="paper")
    await scene.done("PUT", address(scene, id), content=PDF)
    chassis: Chassis[Any] = scene.service.chassis
    name = chassis.settings.database("keys_people")
    # Of its own: the service's vault may remember a key for a minute, as everywhere.
    vault = Vault(chassis.mongo, name, read_root_key(scene.keys))
    assert await vault.destroy_key(scene.student)
    book = await chassis.store.get(ConsentBook, scene.student)
    assert book is not None
    kept = book.need(id).scan
    assert kept is not None
    scans = Scans(chassis.mongo, chassis.settings.database("referral"), vault, record_erased)
    with pytest.raises(Exception, match="erased"):
        await scans.read(kept)
    await vault.close()


async def test_a_file_that_was_exchanged_in_the_database_is_not_handed_out(scene: Scene) -> None:
    id = await scene.give(method="paper")
    path = address(scene, id)
    await scene.done("PUT", path, content=JPEG)
    chunks = scene.service.chassis.database["scans.chunks"]
    row = await chunks.find_one({})
    assert row is not None
    forged = bytes(row["data"])[:-1] + b"\x00"
    await chunks.update_one({"_id": row["_id"]}, {"$set": {"data": forged}})
    answer = await scene.call("GET", path)
    assert (answer.status_code, slug(answer)) == (503, "scan-damaged")
