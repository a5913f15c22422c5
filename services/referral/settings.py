"""Settings of the referral service."""

from datetime import timedelta
from pathlib import Path

from services.chassis.settings import ServiceSettings


class ReferralSettings(ServiceSettings):
    """What the referral service is told besides what every service is.

    Attributes:
        answer_within: how long agencies have to answer where the coordinator sets no date.
        link_lifetime: how long a family's link works after the last text that has it.
        rules_file: the rules that the district begins with (`rules.schema.json`); read only while
            none are stored, later ones go through the API.
        erasure_ledger: file of the erasure ledger, on a volume that no restore of the databases
            touches; without it `erasures.jsonl` beside the keys, which no backup holds either.
    """

    answer_within: timedelta = timedelta(days=2)
    link_lifetime: timedelta = timedelta(days=180)
    rules_file: Path | None = None
    erasure_ledger: Path | None = None

    @property
    def ledger_path(self) -> Path:
        """Where the erasure ledger is."""
        return self.erasure_ledger or self.keys_dir / "erasures.jsonl"
