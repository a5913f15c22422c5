"""Settings of the referral service."""

from datetime import timedelta

from services.chassis.settings import ServiceSettings


class ReferralSettings(ServiceSettings):
    """What the referral service is told besides what every service is.

    Attributes:
        answer_within: how long agencies have to answer where the coordinator sets no date.
        link_lifetime: how long a family's link works.
    """

    answer_within: timedelta = timedelta(days=2)
    link_lifetime: timedelta = timedelta(days=180)
