"""A need that no service fits: recorded with what was missing, for the needs assessment."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from contracts.categories import Category
from contracts.codes import DeclineReason
from contracts.offerings import Missing, NeedUnmatched
from services.chassis.aggregate import Aggregate, Change

_REASONS = {
    Missing.NO_SERVICE: DeclineReason.SERVICE_NOT_PROVIDED,
    Missing.NOT_ITS_MAIN_WORK: DeclineReason.SERVICE_NOT_PROVIDED,
    Missing.OTHER_SCHOOLS: DeclineReason.OUT_OF_AREA,
    Missing.OUT_OF_AREA: DeclineReason.OUT_OF_AREA,
    Missing.TOO_YOUNG: DeclineReason.NOT_ELIGIBLE,
    Missing.TOO_OLD: DeclineReason.NOT_ELIGIBLE,
    Missing.OTHER_GRADES: DeclineReason.NOT_ELIGIBLE,
    Missing.INSURANCE_NOT_TAKEN: DeclineReason.NOT_ELIGIBLE,
    Missing.AGREED_AGES: DeclineReason.NOT_ELIGIBLE,
    Missing.AGREED_GRADES: DeclineReason.NOT_ELIGIBLE,
    Missing.AGREED_INSURANCE: DeclineReason.NOT_ELIGIBLE,
    Missing.AGREED_ZIPS: DeclineReason.OUT_OF_AREA,
    Missing.LANGUAGE_NOT_AVAILABLE: DeclineReason.LANGUAGE_NOT_AVAILABLE,
}


class Unmatched(Aggregate):
    """What was missing for a referral; the id is the referral's.

    Attributes:
        category: as topics carry it: a restricted need is not named here either.
        missing: most frequent first; empty once the family was erased.
        found: a service fits by now.
    """

    COLLECTION: ClassVar[str] = "unmatched"

    site: str
    category: Category
    missing: tuple[Missing, ...]
    at: datetime
    found: bool = False


@dataclass(frozen=True, slots=True)
class Weighed:
    """What came of weighing a referral's need.

    Attributes:
        category: as topics carry it.
        missing: codes, the most frequent first; none: something fits.
    """

    referral: str
    site: str
    category: Category
    missing: tuple[str, ...]


def record(known: Unmatched | None, weighed: Weighed, now: datetime) -> Change[None]:
    """Record what is missing for a referral; the same again changes nothing."""
    codes = tuple(Missing(each) for each in weighed.missing)
    if not codes:
        if known is None or known.found:
            return Change(None)
        return Change(None, [known.having(found=True)], site=weighed.site)
    if known and not known.found and (known.missing, known.site) == (codes, weighed.site):
        return Change(None)
    before = known or Unmatched(
        id=weighed.referral, site=weighed.site, category=weighed.category, missing=codes, at=now
    )
    after = before.having(
        site=weighed.site, category=weighed.category, missing=codes, at=now, found=False
    )
    told = NeedUnmatched(
        referral=weighed.referral,
        site=weighed.site,
        category=weighed.category,
        reason=_REASONS.get(codes[0], DeclineReason.OTHER),
        missing=codes,
    )
    return Change(None, [after], [told], weighed.site)
