"""Settings of the referral service."""

from datetime import timedelta
from pathlib import Path

from services.chassis.settings import ServiceSettings


class ReferralSettings(ServiceSettings):
    """What the referral service is told besides what every service is.

    Attributes:
        answer_within: how long agencies have to answer where the coordinator sets no date.
        link_lifetime: how long a family's link works.
        rules_file: the rules that the district begins with (`rules.schema.json`); read only while
            none are stored, later ones go through the API.
    """

    answer_within: timedelta = timedelta(days=2)
    link_lifetime: timedelta = timedelta(days=180)
    rules_file: Path | None = None
