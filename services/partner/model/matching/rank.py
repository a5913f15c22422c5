"""All candidates weighed against one need: those that fit, best first, and those that do not."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from services.partner.model.matching.candidate import Candidate, Standings
from services.partner.model.matching.exclude import obstacles
from services.partner.model.matching.need import Need
from services.partner.model.matching.score import Scale, Score, score
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


def weigh(
    candidates: Iterable[Candidate],
    need: Need,
    scale: Scale,
    standings: Standings | None = None,
) -> Found:
    """Weigh every candidate; `standings` are those remembered from earlier needs."""
    standings = standings or Standings()
    matches, apart = [], []
    for each in candidates:
        stand = standings.of(each, need.site, scale.now)
        against = obstacles(each, stand, need)
        if against:
            apart.append(Apart(each, tuple(against)))
        else:
            matches.append(Match(each, score(each, stand, need, scale)))
    matches.sort(key=_best)
    apart.sort(key=_nearest)
    return Found(tuple(matches), tuple(apart))


def _best(match: Match) -> tuple[float, str, str]:
    candidate = match.candidate
    # To a hundredth: what arithmetic leaves behind decides nothing.
    return -round(match.score.points, 2), candidate.asks.name, candidate.service.id


def _nearest(apart: Apart) -> tuple[int, str, str]:
    candidate = apart.candidate
    return len(apart.obstacles), candidate.asks.name, candidate.service.id
