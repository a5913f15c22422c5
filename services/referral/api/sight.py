"""Who may see which referral: by school, and for a restricted need by role."""

from typing import Any

from services.chassis.auth import Principal, Role
from services.chassis.errors import unknown
from services.chassis.http.commands import identifier
from services.referral.api.context import Context
from services.referral.handlers.glass import opened
from services.referral.model.referral import Referral
from services.referral.model.rules import Rules

STAFF = (Role.COORDINATOR, Role.CARE_TEAM)


async def visible(context: Context, caller: Principal, id: str, *roles: Role) -> Referral:
    """Return a referral that the caller may see, or has opened by breaking the glass.

    Raises:
        EnlaceError: there is none, as far as this caller may know.
    """
    referral = await context.store.get(Referral, identifier(id))
    if referral is None:
        raise unknown("referral")
    if not await sees(context, caller, referral, *roles):
        raise unknown("referral")
    return referral


async def sees(context: Context, caller: Principal, referral: Referral, *roles: Role) -> bool:
    """Tell whether a caller may see a referral, or has opened it by breaking the glass."""
    at_home = {"*", referral.site} & caller.sites(*roles)
    if at_home and may_see(caller, referral, context.desk.rules()):
        return True
    return await opened(context.desk, caller, referral.student, referral.id)


def may_see(caller: Principal, referral: Referral, rules: Rules) -> bool:
    """Tell whether a caller of the referral's school may know of its need.

    A restricted one is for those alone whom the district names; a district admin is none of them
    unless named.
    """
    return referral.category not in rules.restricted or bool(
        {"*", referral.site} & named_sites(caller, rules)
    )


def named_sites(caller: Principal, rules: Rules) -> frozenset[str]:
    """Return the schools at which the caller may see restricted needs; `*` for all."""
    return frozenset(
        (scope or "*") if role is Role.ADMIN else scope
        for role, scope in caller.grants
        if role.value in rules.restricted_roles
    )


def seen(caller: Principal, rules: Rules, *roles: Role) -> dict[str, Any]:
    """Return the query for all referrals that a caller may see."""
    sites, named = caller.sites(*roles), named_sites(caller, rules)
    if "*" in named or sites <= named:
        return _among(sites)
    # Those that are known to be harmless, so that one not known yet is kept from view.
    harmless = {"category": {"$in": sorted(each.value for each in rules.needs.harmless)}}
    own = named if "*" in sites else named & sites
    return {"$or": [{**_among(sites), **harmless}, _among(own)]}


def unseen(caller: Principal, rules: Rules, *roles: Role) -> dict[str, Any]:
    """Return the query for the referrals of a caller's schools whose need they may not see.

    A school's lead who is not of its staff sees no need at all.
    """
    staff = caller.sites(*STAFF)
    blind = frozenset[str]() if "*" in staff else caller.led - staff
    withheld = _restricted(caller, rules, caller.sites(*roles) | (caller.led & staff))
    return {"$or": [withheld, _among(blind)]} if blind else withheld


def _restricted(caller: Principal, rules: Rules, sites: frozenset[str]) -> dict[str, Any]:
    """Return the query for the restricted referrals of schools, where others are named for them."""
    named = named_sites(caller, rules)
    if "*" in named:
        return _among(frozenset())
    elsewhere = {"site": {"$nin": sorted(named)}} if "*" in sites else _among(sites - named)
    harmless = sorted(each.value for each in rules.needs.harmless)
    return {**elsewhere, "category": {"$nin": harmless}}


def _among(sites: frozenset[str]) -> dict[str, Any]:
    return {} if "*" in sites else {"site": {"$in": sorted(sites)}}
