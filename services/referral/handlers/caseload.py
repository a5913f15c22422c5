"""A coordinator's caseload, handed over as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.chassis.errors import EnlaceError
from services.referral.handlers import referrals
from services.referral.handlers.audit import note
from services.referral.handlers.desk import Desk
from services.referral.model import commands
from services.referral.model.audit import Action, Actor
from services.referral.store import caseload_of


@dataclass(frozen=True, slots=True)
class HandedOver:
    """How many referrals went, and which stayed, each with the reason in English and Spanish."""

    moved: int
    stayed: Sequence[tuple[str, str, str]]


async def hand_over(desk: Desk, site: str, giver: str, taker: str, actor: Actor) -> HandedOver:
    """Hand every referral that `giver` sees to at a school to `taker`, each in its own transaction.

    One that cannot go does not keep the others; a repeat goes on with what is left.
    """
    about = {"from": giver, "to": taker}
    await note(desk, actor, Action.CASELOAD_HANDED_OVER, site=site, about=about)
    moved = 0
    stayed: list[tuple[str, str, str]] = []
    for id in await caseload_of(desk.store, site, giver, desk.clock.now()):
        try:
            await referrals.command(desk, id, commands.Transfer(taker, site))
        except EnlaceError as error:
            stayed.append((id, error.detail, error.es))
        else:
            moved += 1
    return HandedOver(moved, stayed)
