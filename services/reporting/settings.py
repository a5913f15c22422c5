"""Settings of the reporting service."""

from services.chassis.settings import ServiceSettings


class ReportingSettings(ServiceSettings):
    """What the reporting service is told besides what every service is.

    Attributes:
        compare_passes: how often documents that are being changed are looked at again before two
            generations are called different; a second apart.
    """

    compare_passes: int = 60
