"""The audit log on a real database: what is read under seal, and what is laid down."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.referral.consents.scene import Scene, scene_in
from tests.servers import Cell

PDF = b"%PDF-1.7\n" + b"Ana Invented signed here. " * 20 + b"\n%%EOF\n"


@pytest.fixture
async def scene(cell: Cell, tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_in(cell, tmp_path) as found:
        yield found


async def test_a_scan_a_report_and_the_rules_are_in_it_with_who_did_what(scene: Scene) -> None:
    consent = await scene.give(method="paper")
    scan = f"/v1/consent-scans?student={scene.student}&consent={consent}"
    await scene.done("PUT", scan, content=PDF)
    await scene.call("GET", scan)
    report = f"/v1/families/{scene.family}/disclosure-report?contact={scene.mother}"
    await scene.call("GET", report)
    await scene.done("PUT", "/v1/rules", {}, who="admin", headers={"If-Match": '"1"'})

    found = (await scene.done("GET", "/v1/audit-log", who="admin"))["items"]

    assert [(each["action"], each["subject"]) for each in found] == [
        ("rules-changed", "admin"),
        ("disclosure-report-made", "rosa"),
        ("scan-opened", "rosa"),
    ]
    assert found[0]["about"] == {"version": "2"}
    assert found[1]["about"] == {"family": scene.family, "reader": scene.mother}
    assert found[2]["about"] == {"student": scene.student, "consent": consent}
    assert (found[2]["roles"], found[2]["site"]) == (["coordinator:site-01"], "site-01")
    assert found[2]["address"] == "127.0.0.0/24"
    at = found[1]["at"]
    later = await scene.done(
        "GET", f"/v1/audit-log?before={at.replace('+', '%2B')}&site=site-01", who="admin"
    )
    assert later["items"] == []


async def test_what_was_refused_is_not_in_it(scene: Scene) -> None:
    await scene.call("PUT", "/v1/rules", {}, who="admin", headers={"If-Match": '"7"'})
    assert (await scene.done("GET", "/v1/audit-log", who="admin"))["items"] == []


async def test_only_the_district_and_the_auditor_read_it(scene: Scene) -> None:
    assert (await scene.call("GET", "/v1/audit-log")).status_code == 403
