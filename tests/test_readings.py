"""Every reading of what is there, and of what was erased, on a process that has read nothing."""

from pathlib import Path

import pytest

from tests.seeded import seeded
from tests.servers import Cell
from tests.test_access import TABLE
from tests.test_matrix import EVERYBODY, SITE, UPSTREAM_AWAY, started

READINGS = [each.split(" ")[1] for each in TABLE["referral"] if each.startswith("GET ")]


async def test_no_reading_fails_because_a_family_was_erased(
    cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with started("referral", cell, tmp_path, monkeypatch) as service:
        there, gone = await seeded(service)
    wrong, read = [], 0
    # A key that was destroyed opens for a minute more in the process that has read it.
    async with started("referral", cell, tmp_path, monkeypatch) as service:
        for template in READINGS:
            for of in (there, gone):
                query = {"site": SITE, "q": "Quintanilla", "reader": of.child.student}
                answer = await service.http.get(
                    of.path(template), params=query, headers=service.as_(EVERYBODY)
                )
                read += answer.is_success
                if answer.is_server_error and answer.status_code != UPSTREAM_AWAY:
                    wrong.append(f"{template}, erased: {of is gone}: {answer.status_code}")
                if of is gone and gone.child.student in answer.text:
                    assert "Pain when chewing" not in answer.text
    assert wrong == []
    assert read > len(READINGS), "what is there is read"
