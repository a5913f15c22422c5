"""Agencies' questions before they answer: asked behind a link, by text or by FHIR, in one way."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from contracts.codes import QuestionTopic
from contracts.referrals import ReferralQuestionAnswered
from contracts.sealed import Sealed
from services.chassis.clock import Clock
from services.chassis.errors import rule
from services.chassis.ids import random_id
from services.chassis.needs import Needs
from services.chassis.store import Store
from services.partner.handlers.attendance import codes_alone
from services.partner.handlers.offers import on_offering
from services.partner.model import questions
from services.partner.model.offering import Offer, Offering

Seal = Callable[[str, str], Awaitable[Sealed]]
"""Encrypts words under a contact's key."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an agency asks, as it came; an empty one is about something else.

    Attributes:
        mark: keyed hash of the words; the same ones again are no second question.
    """

    topics: Sequence[QuestionTopic]
    words: str = ""
    mark: str = ""


async def ask(
    store: Store,
    found: tuple[Offering, Offer],
    asked: Asked,
    needs: Needs,
    clock: Clock,
    *,
    seal: Seal | None = None,
) -> None:
    """Ask the school; see `questions.ask`.

    Args:
        store: partner's.
        found: the offer that it is about.
        asked: what it wants to know.
        needs: the district's kinds of need.
        clock: the present moment.
        seal: for words; without it none are kept.

    Raises:
        EnlaceError: the offer is closed, too much was asked, or this need takes no words.
    """
    offering, offer = found
    words = asked.words.strip()
    besides = (QuestionTopic.OTHER,) if words or not asked.topics else ()
    topics = tuple(dict.fromkeys([*asked.topics, *besides]))
    if words and await codes_alone(store, offering, offer, needs):
        raise rule(
            "attendance-only",
            "For this kind of need we take no words. Nothing was asked: choose what you want to "
            "know, or call the school.",
            es="Para este tipo de necesidad no recibimos palabras. No se preguntó nada: elija qué "
            "quiere saber, o llame a la escuela.",
        )
    sealed = await seal(offer.contact, words) if words and seal is not None else None
    wish = questions.Wish(random_id(), topics, asked.mark, sealed)
    await on_offering(
        store,
        offering.id,
        lambda board: questions.ask(board, offering.id, offer.id, wish, clock.now()),
    )


async def settle(store: Store, event: ReferralQuestionAnswered, clock: Clock) -> None:
    """Keep the school's answer; see `questions.settle`."""
    await on_offering(
        store, event.referral, lambda board: questions.settle(board, event, clock.now())
    )
