"""What somebody sees to at a school, handed over as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.chassis.errors import EnlaceError
from services.referral.handlers import referrals
from services.referral.handlers.audit import note
from services.referral.handlers.desk import Desk
from services.referral.model import commands
from services.referral.model.audit import Action, Actor
from services.referral.model.follow_up_commands import ReassignFollowUp
from services.referral.store import caseload_of, given_to


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What went, and which referrals stayed, each with the reason in English and Spanish.

    Attributes:
        moved: how many referrals.
        follow_ups: how many follow-ups of others' referrals.
        stayed: id and reason of those of which something did not go.
    """

    moved: int
    follow_ups: int
    stayed: Sequence[tuple[str, str, str]]


async def hand_over(desk: Desk, site: str, giver: str, taker: str, actor: Actor) -> HandedOver:
    """Hand all that `giver` sees to at a school to `taker`, each in its own transaction.

    These are the referrals of which they are the coordinator, and the follow-ups of others' that
    were given to them; of a referral of which `taker` is the coordinator it is simply theirs.
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
    follow_ups = 0
    for referral in await given_to(desk.store, giver, site):
        try:
            for id in referral.given_to(giver):
                wish = ReassignFollowUp(id, taker, actor.subject)
                await referrals.command(desk, referral.id, wish)
                follow_ups += 1
        except EnlaceError as error:
            stayed.append((referral.id, error.detail, error.es))
    return HandedOver(moved, follow_ups, stayed)
