"""The erasure ledger: what is added stays, what a crash cut short does no harm."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.referral.ledger import ErasureLedger, LedgerError
from services.referral.model.erasure import Erasure, ErasureReason


def erasure(id: str) -> Erasure:
    return Erasure(
        id=id,
        family=f"fam-{id}",
        site="site-01",
        reason=ErasureReason.FAMILY_ASKED,
        ordered_at=datetime(2026, 10, 13, tzinfo=UTC),
        ordered_by="ingrid",
        fingerprint="f",
        persons=("per-1",),
    )


async def test_what_is_added_is_read_again_once(tmp_path: Path) -> None:
    ledger = ErasureLedger(tmp_path / "volume" / "erasures.jsonl")
    assert await ledger.lines() == []
    for each in ("e-1", "e-2", "e-1"):
        await ledger.add(erasure(each))
    lines = await ErasureLedger(tmp_path / "volume" / "erasures.jsonl").lines()
    assert [(each.erasure, each.persons) for each in lines] == [
        ("e-1", ("per-1",)),
        ("e-2", ("per-1",)),
    ]


async def test_a_line_that_a_crash_cut_short_loses_no_other(tmp_path: Path) -> None:
    path = tmp_path / "erasures.jsonl"
    ledger = ErasureLedger(path)
    await ledger.add(erasure("e-1"))
    path.write_text(path.read_text() + '{"erasure": "e-2", "fam')
    assert [each.erasure for each in await ledger.lines()] == ["e-1"]


async def test_after_a_cut_line_the_next_one_stands_whole(tmp_path: Path) -> None:
    path = tmp_path / "erasures.jsonl"
    ledger = ErasureLedger(path)
    await ledger.add(erasure("e-1"))
    path.write_text(path.read_text() + '{"erasure": "e-2", "fam')
    await ledger.add(erasure("e-2"))
    await ledger.add(erasure("e-3"))
    assert [each.erasure for each in await ledger.lines()] == ["e-1", "e-2", "e-3"]


async def test_a_damaged_ledger_lets_nothing_start(tmp_path: Path) -> None:
    path = tmp_path / "erasures.jsonl"
    path.write_text('{"nothing": "of ours"}\n')
    with pytest.raises(LedgerError, match="put the ledger back"):
        await ErasureLedger(path).lines()


async def test_it_holds_ids_and_no_names_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "erasures.jsonl"
    await ErasureLedger(path).add(erasure("e-1"))
    assert path.stat().st_mode & 0o077 == 0
