"""Settings of the partner service."""

from datetime import timedelta

from services.chassis.settings import ServiceSettings


class PartnerSettings(ServiceSettings):
    """What the partner service is told besides what every service is.

    Attributes:
        link_lifetime: how long an agency's link works; the help itself is reported by it too.
        code_lifetime: how long a one-time code works.
        code_tries: wrong tries after which a code is worth nothing.
        stale_after: age from which a count of seats is shown as old.
        import_max_bytes: of the largest directory that is taken.
        local_webhooks: take webhook endpoints of this machine, over plain http; for a local system.
    """

    link_lifetime: timedelta = timedelta(days=180)
    code_lifetime: timedelta = timedelta(minutes=10)
    code_tries: int = 5
    stale_after: timedelta = timedelta(days=14)
    import_max_bytes: int = 64 * 1024 * 1024
    local_webhooks: bool = False
