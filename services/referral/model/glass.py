"""Break-glass: one record out of sight, opened for a while, for a reason that is kept. Pure."""

from datetime import datetime, timedelta
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from contracts.sealed import Sealed
from contracts.staff import BreakGlassOpened, BreakGlassReviewed
from services.chassis.aggregate import Aggregate
from services.chassis.errors import rule
from services.referral.model.rules import Rules


class Review(BaseModel):
    """What the school's lead or the district found. `words` are sealed under the child's key."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    by: str
    justified: bool
    words: Sealed | None = None


class GlassOpening(Aggregate):
    """One opening by one person.

    Attributes:
        by: subject of who opened it.
        site: the child's school.
        referral: the one referral that was opened; None: the child's whole record.
        reason: sealed under the child's key.
        closes_at: when it ends: by itself, or once it was found not justified; nobody prolongs it,
            a new one takes a new reason.
    """

    COLLECTION: ClassVar[str] = "glass_openings"

    by: str
    site: str
    student: str
    referral: str | None
    reason: Sealed
    opened_at: datetime
    closes_at: datetime
    fingerprint: str
    review: Review | None = None

    def told(self) -> BreakGlassOpened:
        """Return what others are told: never silent."""
        return BreakGlassOpened(
            entry=self.id,
            subject=self.by,
            site=self.site,
            student=self.student,
            referral=self.referral,
            closes_at=self.closes_at,
        )

    def reviewed(self, review: Review) -> "GlassOpening":
        """Return it with the review; the first one stays. Not justified, it ends with that.

        Raises:
            EnlaceError: it is one's own, or it was reviewed otherwise.
        """
        if review.by == self.by:
            raise rule(
                "own-opening",
                "Nobody reviews what they opened themselves. Nothing was changed: the school's "
                "other coordinators and the district's administrator can.",
                es="Nadie revisa lo que abrió por sí mismo. No se cambió nada: pueden hacerlo las "
                "otras personas de la coordinación y la administración del distrito.",
            )
        if self.review is None:
            ends = self.closes_at if review.justified else min(self.closes_at, review.at)
            return self.having(review=review, closes_at=ends)
        if (self.review.by, self.review.justified) == (review.by, review.justified):
            return self
        raise rule(
            "reviewed",
            "This opening was reviewed already, and the first review stays.",
            es="Este acceso ya se revisó, y vale la primera revisión.",
        )

    def verdict(self) -> BreakGlassReviewed | None:
        """Return what others are told of the review."""
        review = self.review
        if review is None:
            return None
        return BreakGlassReviewed(entry=self.id, by=review.by, justified=review.justified)


def closing(now: datetime, rules: Rules) -> datetime:
    """Return when what is opened now ends."""
    return now + timedelta(minutes=rules.break_glass_minutes)
