"""Settings of the partner service."""

from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field

from services.chassis.settings import ServiceSettings


class PartnerSettings(ServiceSettings):
    """What the partner service is told besides what every service is.

    Attributes:
        link_lifetime: how long an agency's link works; the help itself is reported by it too.
        code_lifetime: how long a one-time code works.
        code_tries: wrong tries after which a code is worth nothing.
        stale_after: age from which a count of seats is shown as old.
        entries_asked_every: how often an agency is asked whether its entries still hold.
        entries_old_after: age of the last word that an entry holds from which it is told as old.
        waitlist_policy: by which free seats go where neither an agreement nor the service says.
        waitlist_answer_within: how long the seat of a promoted child waits for a consent that is
            missing still, before it goes to the next.
        match_weights: what counts how much when services are ranked, as JSON; see
            `services.partner.model.matching.weights`.
        zip_centroids_file: the middles of ZIP codes, as `{"94601": [37.776, -122.217]}`; those that
            are missing are computed from the directory's own places.
        import_max_bytes: of the largest directory that is taken.
        key_calls_per_minute: calls that each API key may make in a minute; 0 sets no limit.
        local_webhooks: take webhook endpoints of this machine, over plain http; for a local system.
    """

    link_lifetime: timedelta = timedelta(days=180)
    code_lifetime: timedelta = timedelta(minutes=10)
    code_tries: int = 5
    stale_after: timedelta = timedelta(days=14)
    entries_asked_every: timedelta = Field(default=timedelta(days=182), ge=timedelta(days=7))
    entries_old_after: timedelta = Field(default=timedelta(days=210), gt=timedelta())
    waitlist_policy: Literal["first-come", "urgency", "tier", "sibling"] = "urgency"
    waitlist_answer_within: timedelta = Field(default=timedelta(days=2), gt=timedelta())
    match_weights: dict[str, float] = Field(default_factory=dict)
    zip_centroids_file: Path | None = None
    import_max_bytes: int = 64 * 1024 * 1024
    key_calls_per_minute: int = Field(default=600, ge=0, le=1_000_000)
    local_webhooks: bool = False
