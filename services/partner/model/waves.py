"""Further agencies while a round is open: at once, or at an hour that a claim overtakes. Pure.

Earlier offers stay open, and the first valid claim wins over all waves: a round is one offering,
and its claim, its seat and the end of whatever was planned are one transaction.
"""

from collections.abc import Collection

from contracts.offerings import OfferingExpired, OfferingWaveDropped
from contracts.referrals import Candidate, Waits
from services.chassis.aggregate import Ref
from services.chassis.errors import rule, unknown
from services.partner.model.agency import Agency
from services.partner.model.board import Board
from services.partner.model.offering import Offer, Offering, OfferState, Planned
from services.partner.model.opening import Asked, Round, ask, in_full
from services.partner.model.seats import Moment
from services.partner.model.service import Service


def add(board: Board, referral: str, round: int, wave: Planned, at: Moment) -> tuple[Offer, ...]:
    """Take up a further wave; returns the offers that go out now.

    One that comes after a claim asks nobody: the child has a place.
    """
    offering = board.offering(referral)
    if offering is None or offering.round != round or wave.wave <= offering.wave:
        return ()
    if wave.opens_at <= at.now:
        wave = _in_full(wave, at)
    after = offering.having(
        wave=wave.wave, answer_by=max(offering.answer_by, wave.answer_by), expired=False
    )
    if after.standing:
        board.put(after)
        return ()
    if wave.opens_at <= at.now:
        return _open(board, after, wave, at)
    board.put(after.planning(*after.planned, wave).hurried(at.now))
    return ()


def open_due(board: Board, referral: str, at: Moment) -> tuple[Offer, ...]:
    """Ask the waves whose hour has come; returns the offers that go out."""
    going: tuple[Offer, ...] = ()
    while True:
        offering = board.offering(referral)
        if offering is None or offering.waves_due is None or offering.waves_due > at.now:
            return going
        first, *others = offering.planned
        wave = _in_full(first, at)
        after = offering.planning(*others)
        after = after.having(answer_by=max(after.answer_by, wave.answer_by))
        going = (*going, *_open(board, after, wave, at))


def take_back(board: Board, referral: str, wave: int) -> None:
    """Ask those of one planned wave not at all; said again, or after a yes, it is so already.

    Raises:
        EnlaceError: there is no such wave, or they were asked already.
    """
    offering = board.offering(referral)
    if offering is None or not 1 <= wave <= offering.wave:
        raise unknown("planned wave")
    if any(each.round == offering.round and each.wave == wave for each in offering.offers):
        raise rule(
            "wave-asked",
            "These places were asked already, so there is no plan to take back. Nothing was "
            "changed: see who was asked, and withdraw the offers that are not needed.",
            es="A estos lugares ya se les preguntó, así que no hay un plan que retirar. No se "
            "cambió nada: vea a quién se preguntó, y retire las ofertas que no hagan falta.",
        )
    _drop(board, offering, {wave})


def stop(board: Board, referral: str, round: int) -> None:
    """Ask nobody further in this round; who was asked already may still answer."""
    offering = board.offering(referral)
    if offering is not None and offering.round == round:
        _drop(board, offering, {each.wave for each in offering.planned})


def _drop(board: Board, offering: Offering, waves: Collection[int]) -> None:
    """Take waves off the plan; where nobody is left who may answer, the round ends with that."""
    dropped = [each for each in offering.planned if each.wave in waves]
    if not dropped:
        return
    after = offering.planning(*(each for each in offering.planned if each.wave not in waves))
    silent = _only_silence_is_left(after)
    board.put(after.having(expired=after.expired or silent))
    for each in dropped:
        board.tell(
            OfferingWaveDropped(
                referral=after.id,
                round=after.round,
                wave=each.wave,
                candidates=each.candidates,
                last=after.over and not silent and each is dropped[-1],
                latest=after.wave,
            )
        )
    if silent:
        board.tell(OfferingExpired(referral=after.id, round=after.round, wave=after.wave))


def _only_silence_is_left(offering: Offering) -> bool:
    """Tell whether time has ended a round that went on for what was planned alone (`passing`)."""
    own = [each.state for each in offering.offers if each.round == offering.round]
    return (
        not offering.planned
        and not offering.expired
        and OfferState.EXPIRED in own
        and OfferState.OPEN not in own
    )


def _in_full(wave: Planned, at: Moment) -> Planned:
    """Return a wave that is asked now, with as long to answer as was meant."""
    answer_by = in_full(wave.answer_by, wave.opens_at, at.now)
    return wave.model_copy(update={"answer_by": answer_by})


def _open(board: Board, offering: Offering, wave: Planned, at: Moment) -> tuple[Offer, ...]:
    wish = Round(
        referral=offering.id,
        round=offering.round,
        site=offering.site,
        category=offering.category,
        bands=offering.bands,
        priority=offering.priority,
        candidates=wave.candidates,
        answer_by=wave.answer_by,
        meant=at.now,
        waits=Waits(siblings=wave.siblings),
        wave=wave.wave,
    )
    return ask(board, offering, wish, [_asked(board, each) for each in wave.candidates], at)


def _asked(board: Board, candidate: Candidate) -> Asked:
    """Return a candidate with what is known of it as of now: an agreement may have ended since."""
    service, agency = Ref(Service, candidate.service), Ref(Agency, candidate.agency)
    board.need([service, agency])
    return Asked(
        candidate=candidate,
        service=board.read(service),
        agency=board.read(agency),
        agreements=board.agreements(candidate.agency),
    )
