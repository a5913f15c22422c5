"""The committed baseline of released schemas, and how it is chosen."""

from pathlib import Path

from contracts.generate.catalogue import ROOT
from contracts.generate.compatibility import baseline, breaks, last_baseline
from contracts.generate.files import BASELINES


class TestBaseline:
    def test_no_reader_of_the_last_release_would_break(self) -> None:
        last = last_baseline(ROOT / BASELINES)

        assert last is not None
        assert [str(one) for one in breaks(last, baseline())] == []

    def test_holds_closed_schemas_without_words(self) -> None:
        created = baseline()["types"]["org.enlace.referral.created.v1"]

        assert created["topic"] == "referrals"
        assert created["schema"]["additionalProperties"] is False
        assert "referral" in created["schema"]["required"]
        assert "crisis" in created["schema"]["$defs"]["Urgency"]["enum"]
        assert "description" not in str(created["schema"])

    def test_the_newest_counts_by_number(self, tmp_path: Path) -> None:
        for name in ("v0.9", "v0.10", "v0.2"):
            (tmp_path / f"{name}.json").write_text(f'{{"release": "{name}"}}')

        assert last_baseline(tmp_path) == {"release": "v0.10"}

    def test_none_before_the_first_release(self, tmp_path: Path) -> None:
        assert last_baseline(tmp_path) is None
