"""What the endpoints need, put together once."""

from dataclasses import dataclass

from services.chassis.clock import Clock
from services.reporting.generations import Generations
from services.reporting.publication import Publication
from services.reporting.settings import ReportingSettings
from services.reporting.store import Reading


@dataclass(frozen=True, slots=True)
class Context:
    """Collaborators of the endpoints."""

    reading: Reading
    publication: Publication
    generations: Generations
    clock: Clock
    settings: ReportingSettings
