"""Tables of the stages by school and need: exact for who works there, published for the others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.reporting.model.counts import Cell
from services.reporting.model.funnel import Stage, histogram, median_hours, rate
from services.reporting.model.suppression import TOTAL, Place, Table, published

_BASE = {
    Stage.OFFERED: Stage.CREATED,
    Stage.ACCEPTED: Stage.OFFERED,
    Stage.STARTED: Stage.ACCEPTED,
    Stage.PARTNER_CLOSED: Stage.STARTED,
    Stage.FAMILY_VERIFIED: Stage.PARTNER_CLOSED,
    Stage.DISPUTED: Stage.PARTNER_CLOSED,
    Stage.HANDED_OFF: Stage.ACCEPTED,
}
"""Of which published stage each is a part."""


@dataclass(frozen=True, slots=True)
class Funnel:
    """How far the referrals of one school and need have come; None is a number not shown.

    Attributes:
        stages: referrals that reached each stage.
        partner_closed_rate: of those accepted, how many the agency reports as done.
        family_verified_rate: of those accepted, for how many the family says that help arrived.
        accepted_within_hours: the middle one was accepted within so many hours of the asking.
    """

    stages: Mapping[Stage, int | None]
    accepted_within_hours: int | None

    @property
    def partner_closed_rate(self) -> float | None:
        """Share of the accepted, 0 to 1."""
        return rate(self.stages[Stage.PARTNER_CLOSED], self.stages[Stage.ACCEPTED])

    @property
    def family_verified_rate(self) -> float | None:
        """Share of the accepted, 0 to 1."""
        return rate(self.stages[Stage.FAMILY_VERIFIED], self.stages[Stage.ACCEPTED])


def exact_funnel(stages: Iterable[Cell], waits: Iterable[Cell]) -> Funnel:
    """Return the funnel of cells that were chosen before."""
    sums: dict[Stage, int | None] = {
        stage: sum(cell.value for cell in found) for stage, found in _by_stage(stages).items()
    }
    return Funnel(sums, median_hours(histogram(waits)))


class PublishedFunnel:
    """The district's funnel by school and need as anybody of the leadership may see it.

    One table for everybody: who sees one school sees its row, so that two readers cannot put two
    tables together.
    """

    def __init__(
        self,
        stages: Iterable[Cell],
        waits: Iterable[Cell],
        whole: "PublishedFunnel | None" = None,
    ) -> None:
        """Hide what could point to a child.

        Args:
            stages: how far referrals have come.
            waits: how long the accepted waited.
            whole: the funnel of all, where these are some of them: those of one programme.
        """
        self._waits = list(waits)
        self._tables: dict[Stage, Table] = {}
        for stage, found in _by_stage(stages).items():
            all_of_them = whole.table(stage) if whole else None
            base = self._tables.get(_BASE[stage]) if stage in _BASE else all_of_them
            beside = self._tables.get(Stage.FAMILY_VERIFIED) if stage is Stage.DISPUTED else None
            self._tables[stage] = published(by_place(found), base, beside, whole=all_of_them)

    def table(self, stage: Stage) -> Table:
        """Return a stage's table."""
        return self._tables[stage]

    def get(self, site: str, category: str) -> Funnel:
        """Return the numbers of a school (or `*`) and need (or `*`)."""
        stages = {stage: table.get(site, category) for stage, table in self._tables.items()}
        if not stages[Stage.ACCEPTED]:
            return Funnel(stages, None)
        waits = [
            cell
            for cell in self._waits
            if site in {cell.site, TOTAL} and category in {cell.category, TOTAL}
        ]
        return Funnel(stages, median_hours(histogram(waits)))


def by_place(found: Iterable[Cell]) -> dict[Place, int]:
    """Sum cells by school and need."""
    sums: dict[Place, int] = {}
    for cell in found:
        place = (cell.site, cell.category)
        sums[place] = sums.get(place, 0) + cell.value
    return sums


def _by_stage(found: Iterable[Cell]) -> dict[Stage, list[Cell]]:
    """Return cells by stage, in the order of the stages; a stage nobody reached has none."""
    sorted_out: dict[Stage, list[Cell]] = {stage: [] for stage in Stage}
    for cell in found:
        sorted_out[Stage(cell.of)].append(cell)
    return sorted_out
