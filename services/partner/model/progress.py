"""How it goes with a child that an agency has taken. Pure; what is known changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from contracts.codes import Outcome, Progress
from contracts.offerings import ProgressReported
from services.chassis.errors import rule
from services.partner.model.answers import accepted_claim, find
from services.partner.model.board import Board
from services.partner.model.offering import WITH_CHILD, Claim, Offer, OfferState

ENDS: Mapping[Progress, OfferState] = {
    Progress.COMPLETED: OfferState.COMPLETED,
    Progress.FAILED: OfferState.FAILED,
    Progress.NO_SHOW: OfferState.FAILED,
    Progress.COULD_NOT_CONTACT: OfferState.FAILED,
}
_ENDS_BY_WORD = frozenset({Progress.COMPLETED, Progress.FAILED})
_OF_ITSELF = {
    Outcome.NO_SHOW: Progress.NO_SHOW,
    Outcome.COULD_NOT_CONTACT: Progress.COULD_NOT_CONTACT,
}
"""The outcomes that are told as progress of their own."""


@dataclass(frozen=True, slots=True)
class Report:
    """How it goes with a child; an appointment where there is a date."""

    progress: Progress
    appointment: datetime | None = None
    outcome: Outcome | None = None

    def meant(self) -> "Report":
        """Return what it means: an end without the help is none that is completed.

        Whoever closes its own record as done, because the family did not want it, has told that
        the child was not helped.
        """
        if self.progress not in ENDS or self.outcome is None or self.outcome.helped:
            return self
        itself = _OF_ITSELF.get(self.outcome)
        if itself is not None:
            return Report(itself, self.appointment)
        return Report(Progress.FAILED, self.appointment, self.outcome)


def report(board: Board, referral: str, offer_id: str, said: Report, now: datetime) -> None:
    """Tell how it goes with a child that the agency has.

    Raises:
        EnlaceError: the agency does not have the child, or its help has ended.
    """
    offering, offer = find(board, referral, offer_id)
    mine = accepted_claim(offering, offer)
    said = said.meant()
    if _known(offer, mine, said):
        return
    if offer.state not in WITH_CHILD:
        raise rule(
            "already-ended",
            "You have told already how this ended. Nothing was changed: if it was a mistake, call "
            "the school.",
            es="Usted ya dijo cómo terminó esto. No se cambió nada: si fue un error, llame a "
            "la escuela.",
        )
    began = now if said.progress in {Progress.STARTED, Progress.COMPLETED} else None
    after = offering.with_claim(
        mine.id,
        progress=said.progress,
        appointment=said.appointment or mine.appointment,
        outcome=said.outcome,
        began_at=mine.began_at or began,
    )
    board.put(after.with_offer(offer.id, state=_state(offer, said.progress), answered_at=now))
    board.tell(
        ProgressReported(
            referral=offering.id,
            offer=offer.id,
            claim=mine.id,
            progress=said.progress,
            appointment=said.appointment,
            outcome=said.outcome,
        )
    )


def in_codes(said: Report) -> Report:
    """Return a report of an agency that returns attendance codes alone, as it is kept.

    Raises:
        EnlaceError: it tells what came of the help (`attendance-only`).
    """
    unsaid = Outcome.OTHER if said.progress is Progress.FAILED else Outcome.ATTENDED
    if said.outcome not in {None, unsaid}:
        raise rule(
            "attendance-only",
            "For this kind of need we take no more than whether the child came. Nothing was "
            "changed: say that it is done, without how it ended, or that it ended without the "
            "help, with `other`.",
            es="Para este tipo de necesidad solo anotamos si vino. No se cambió nada: diga que "
            "ya terminó, sin cómo terminó, o que terminó sin la ayuda, con `other`.",
        )
    return replace(said, outcome=unsaid if said.progress in _ENDS_BY_WORD else None)


def _state(offer: Offer, progress: Progress) -> OfferState:
    if progress is Progress.STARTED:
        return OfferState.IN_PROGRESS
    # Told again after the help began, a date is a change of appointment and no step back.
    return ENDS.get(progress, offer.state)


def _known(offer: Offer, mine: Claim, said: Report) -> bool:
    """Tell whether a report says nothing that was not told already.

    A report whose answer was lost is sent again, and the first may arrive after what was told
    since: the same date once the help has begun, or its beginning once a later date was told.
    """
    if said.progress is Progress.SCHEDULED and said.appointment is not None:
        return said.appointment == mine.appointment
    if said.progress is Progress.STARTED and offer.state is OfferState.IN_PROGRESS:
        return True
    if mine.progress is None:
        return False
    # What an earlier release took as completed is known by what it means.
    told = Report(mine.progress, mine.appointment, mine.outcome).meant()
    same = Report(said.progress, said.appointment or mine.appointment, said.outcome)
    return told == same
