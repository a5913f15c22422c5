"""Further places that are asked while others may answer, for any life on the running service."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from contracts.offerings import OfferingWaveDropped
from contracts.referrals import Candidate
from services.referral.model.referral import Referral
from tests.referral.life_staff import WHO, Staffed


class Waved(Staffed):
    """A referral whose round grows by waves, of which some are planned and taken back."""

    def __init__(self) -> None:
        super().__init__()
        self.round, self.wave = 0, 1
        self.further: list[Candidate] = []
        self.planned: dict[int, Candidate] = {}

    @property
    def open_round(self) -> bool:
        """Whether somebody is asked, and nobody has said yes."""
        return self.state == "requested" and self.asked and not self.claim

    @property
    def doubted(self) -> bool:
        """Whether there are consents, and whoever gave them may be told no more."""
        return bool(self.consents) and not self.told

    def a_round_begins(self) -> None:
        self.round += 1
        self.wave, self.planned, self.further = 1, {}, []

    @rule(who=WHO, later=st.booleans())
    def ask_one_more(self, who: str, later: bool) -> None:  # noqa: FBT001 - drawn by name
        """Of an open round, whether now or tomorrow; not on a consent in doubt."""
        number = f"{self.round}-{self.wave + 1}"
        place = Candidate(service=f"svc-{number}", agency=f"agy-{number}")
        at = self.world.clock.now() + timedelta(days=1)
        body = {
            "candidates": [{"service": place.service, "agency": place.agency}],
            **({"opens_at": at.isoformat()} if later else {}),
        }
        if self.post(who, "waves", body, works=self.open_round and not self.doubted):
            self.wave += 1
            self.further.append(place)
            self.planned |= {self.wave: place} if later else {}

    @precondition(lambda self: self.planned)
    @rule(which=st.integers(0, 3))
    def a_plan_is_taken_back(self, which: int) -> None:
        """By partner's word, which comes once for a wave; the others go on being asked."""
        wave = sorted(self.planned)[which % len(self.planned)]
        place = self.planned.pop(wave)
        told = OfferingWaveDropped(
            referral=self.id, round=self.round, wave=wave, candidates=(place,), latest=self.wave
        )
        for _ in range(2):
            self.world.tell(told)
        if self.open_round:
            self.further.remove(place)

    @invariant()
    def nobody_is_to_be_asked_on_a_consent_in_doubt(self) -> None:
        if not self.open_round:
            return
        if self.doubted:
            self.planned = {}
        kept = self.world.do(self.world.desk.store.get(Referral, self.id))
        assert kept is not None
        assert set(kept.planned) == set(self.planned)
        asked = [each.service for each in kept.candidates]
        assert asked[len(asked) - len(self.further) :] == [each.service for each in self.further]
