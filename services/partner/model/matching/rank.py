"""All candidates weighed against one need: those that fit, best first, and those that do not."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from services.partner.model.matching.candidate import Candidate
from services.partner.model.matching.exclude import not_agreed, unfit
from services.partner.model.matching.need import Need
from services.partner.model.matching.prepare import Prepared
from services.partner.model.matching.scale import Scale
from services.partner.model.matching.score import Score, score
from services.partner.model.matching.words import Said


@dataclass(frozen=True, slots=True)
class Match:
    """A service that fits."""

    candidate: Candidate
    score: Score


@dataclass(frozen=True, slots=True)
class Apart:
    """A service of this kind that no offer can go to, and everything that keeps it."""

    candidate: Candidate
    obstacles: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What became of all candidates: those that fit, best first; the others nearest first."""

    matches: tuple[Match, ...]
    apart: tuple[Apart, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """What was missing where nothing fits: what kept those that came closest, by code.

        `no-service` where there is no service of this kind at all.
        """
        if self.matches:
            return ()
        if not self.apart:
            return (NO_SERVICE,)
        fewest = len(self.apart[0].obstacles)
        near = [each for each in self.apart if len(each.obstacles) == fewest]
        tally = Counter(said.code for each in near for said in each.obstacles)
        return tuple(code for code, _ in sorted(tally.items(), key=lambda it: (-it[1], it[0])))


NO_SERVICE = "no-service"


def weigh(prepared: Iterable[Prepared], need: Need, scale: Scale) -> Found:
    """Weigh every candidate, prepared for this kind of need and so in the order of names."""
    matches, apart = [], []
    for each in prepared:
        against = [*unfit(each.candidate, need), *not_agreed(each.agreements, need)]
        if against or each.against:
            apart.append(Apart(each.candidate, (*each.against, *against)))
        else:
            matches.append(Match(each.candidate, score(each, need, scale)))
    # Equals stay in the order of their names.
    matches.sort(key=_worst)
    apart.sort(key=_many)
    return Found(tuple(matches), tuple(apart))


def _worst(match: Match) -> float:
    # To a hundredth: what arithmetic leaves behind decides nothing.
    return -round(match.score.points, 2)


def _many(apart: Apart) -> int:
    return len(apart.obstacles)
