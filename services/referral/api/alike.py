"""The same need of a child, open already: whoever may know of it is warned.

Whoever may not learns nothing, neither by a refusal nor by an id: who writes counselling down for a
child would otherwise read from the answer that the child has it. Both then stand, the second with
the id of the first, for those who may see them.
"""

from services.chassis.auth import Principal
from services.chassis.errors import rule
from services.referral.api.context import Context
from services.referral.api.sight import STAFF, sees
from services.referral.api.views import ReferralView
from services.referral.model.referral import Referral
from services.referral.store import open_alike


async def alike_to(
    context: Context, caller: Principal, meant: Referral, *, warn: bool
) -> str | None:
    """Return the id of the child's referral that is open for the same need, or None.

    A warning: two that are written at the same moment both stand, and the queue shows both.

    Args:
        context: of the service.
        caller: who writes.
        meant: the referral as it is to be.
        warn: the caller has given no reason to have it all the same.

    Raises:
        EnlaceError: there is one that the caller may see; it can be overridden with a reason.
    """
    other = await open_alike(context.store, meant.student, meant.category, meant.id)
    if other is not None and warn and await _may_know(context, caller, other):
        raise rule(
            "duplicate",
            f"This need of the child is open already: referral {other}. Nothing was written down. "
            "Go on with that one, or send this one again with the reason in despite_duplicate.",
            es=f"Esta necesidad ya está abierta para este estudiante: derivación {other}. No "
            "se guardó nada. Continúe con esa, o envíe esta de nuevo con el motivo en "
            "despite_duplicate.",
        )
    return other


async def as_known_to(context: Context, caller: Principal, view: ReferralView) -> ReferralView:
    """Return what was written as its writer may read it: without a duplicate they may not see."""
    if view.duplicate_of is None or await _may_know(context, caller, view.duplicate_of):
        return view
    return view.model_copy(update={"duplicate_of": None})


async def _may_know(context: Context, caller: Principal, id: str) -> bool:
    other = await context.store.get(Referral, id)
    return other is not None and await sees(context, caller, other, *STAFF)
