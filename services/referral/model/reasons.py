"""What a district says of reasons: its own, other names, and those that nobody is to choose."""

from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import StringConstraints, field_validator

from contracts.code import DISTRICT_PATTERN, MAX_DISTRICT_CODE
from contracts.rules import DistrictReason, ReasonedAct
from services.chassis.closed import need_listed
from services.chassis.errors import TwoTonguesError
from services.chassis.reasons import BY_ITSELF, OTHER, REASONS_AS_SHIPPED, SHIPPED_REASONS, Reasons
from services.referral.model.lists import (
    TwoNames,
    need_kept,
    need_names,
    need_once,
    need_told_apart,
    place_of,
)
from services.referral.model.part import Part

LISTING = "reasons"
OwnCode = Annotated[
    str, StringConstraints(pattern=f"^{DISTRICT_PATTERN}$", max_length=MAX_DISTRICT_CODE)
]


class ReasonRule(Part):
    """A reason of the district's own, or what is otherwise about one that comes along.

    Attributes:
        act: what it is a reason for.
        code: small letters, figures and hyphens; stands in records and tables for good.
        names: what people read; one that comes along keeps its own where it has none here.
        retired: nobody chooses it any more; where it stands, it stays.
    """

    act: ReasonedAct
    code: OwnCode
    names: TwoNames | None = None
    retired: bool = False

    _known = field_validator("act")(need_listed)


def reasons_of(rules: Iterable[ReasonRule]) -> Reasons:
    """Return the reasons of a district: those that come along, and what it says."""
    found = {(each.act, each.code): each for each in REASONS_AS_SHIPPED}
    for each in rules:
        shipped = found.get((each.act, each.code))
        told = each.names.told if each.names else None
        names = shipped.names if told is None and shipped is not None else told
        if names is not None:
            found[each.act, each.code] = DistrictReason(
                act=each.act, code=each.code, names=names, retired=each.retired
            )
    return Reasons(found.values())


def check_reasons(rules: Sequence[ReasonRule]) -> None:
    """Refuse what cannot be, by its place.

    Raises:
        TwoTonguesError: a code twice, a name missing or taken, or one retired that forms need.
    """
    for at, each in enumerate(rules):
        place = place_of(LISTING, at, f"{each.act.value}: {each.code}")
        shipped = SHIPPED_REASONS.of(each.act).get(each.code)
        need_names(place, each.names, shipped=shipped is not None)
        needed = each.code == OTHER or (each.act, each.code) in BY_ITSELF
        if each.retired and needed:
            raise TwoTonguesError(
                f"{place} is written where nothing else fits, or by Enlace itself: leave retired "
                "out; its names you can change",
                f"{place} se escribe cuando nada más corresponde, o lo escribe Enlace: quite "
                "retired; los nombres sí se pueden cambiar",
            )
    need_once(LISTING, [f"{each.act.value}: {each.code}" for each in rules])
    reasons = reasons_of(rules)
    for act in ReasonedAct:
        need_told_apart(f"{LISTING} ({act.value})", reasons.of(act).open)


def check_reasons_kept(before: Reasons, after: Reasons) -> None:
    """Refuse a change that takes a reason away that a record may name.

    Raises:
        EnlaceError: one is gone.
    """
    for act in ReasonedAct:
        need_kept(f"{LISTING} ({act.value})", "reason-gone", before.of(act), after.of(act))
