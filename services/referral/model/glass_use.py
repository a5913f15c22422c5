"""Emergency access by a person: names they looked up, and whether they still may. Pure."""

from datetime import datetime, timedelta
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from services.chassis.aggregate import Aggregate
from services.chassis.errors import EnlaceError, Kind, rule
from services.referral.model.audit import line_id
from services.referral.model.rules import Rules

AN_HOUR = timedelta(hours=1)
COUNTED = timedelta(days=30)
"""How far back searches are counted for who reviews openings."""
MOST_COUNTED = 200
"""Searches of one person that are remembered, and as many that were turned away; the latest."""


class Look(BaseModel):
    """One search by name, and the schools of the children that it named."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    sites: tuple[str, ...] = ()


class Suspension(BaseModel):
    """Why somebody may open nothing: an opening of theirs was found not justified.

    Attributes:
        until: when it ends by itself; None: once an administrator of the district lifts it.
    """

    model_config = ConfigDict(frozen=True)

    opening: str
    at: datetime
    until: datetime | None


class GlassUse(Aggregate):
    """One person's searches and standing. Accounts, times and schools: nobody's name.

    Attributes:
        turned_away: when a search was refused, since too many had gone before.
    """

    COLLECTION: ClassVar[str] = "glass_use"

    by: str
    looks: tuple[Look, ...] = ()
    turned_away: tuple[datetime, ...] = ()
    suspension: Suspension | None = None

    @staticmethod
    def id_of(subject: str) -> str:
        """Return the id of what is kept of somebody's use."""
        return line_id("glass-use", subject)

    @classmethod
    def none_yet(cls, subject: str) -> "GlassUse":
        """Return that somebody has used it never."""
        return cls(id=cls.id_of(subject), by=subject)

    def may_look(self, now: datetime, rules: Rules) -> bool:
        """Tell whether one more search is within what the district lets a person do in an hour."""
        lately = sum(each.at > now - AN_HOUR for each in self.looks)
        return lately < rules.break_glass_searches_an_hour

    def looked(self, look: Look) -> "GlassUse":
        """Return it with one more search."""
        since = look.at - COUNTED
        kept = (*(each for each in self.looks if each.at > since), look)
        return self.having(looks=kept[-MOST_COUNTED:])

    def turning_away(self, now: datetime) -> "GlassUse":
        """Return it with one more search that was refused."""
        kept = (*(each for each in self.turned_away if each > now - COUNTED), now)
        return self.having(turned_away=kept[-MOST_COUNTED:])

    def counted(self, now: datetime) -> tuple[int, int]:
        """Return how many searches of the last 30 days were answered, and how many refused."""
        since = now - COUNTED
        return (
            sum(each.at > since for each in self.looks),
            sum(each > since for each in self.turned_away),
        )

    def suspended(self, now: datetime) -> bool:
        """Tell whether they may open nothing now, nor read what they have opened."""
        held = self.suspension
        return held is not None and (held.until is None or now < held.until)

    def suspending(self, opening: str, now: datetime, rules: Rules) -> "GlassUse":
        """Return it with a suspension from now on; one that lasts longer stays."""
        days = rules.break_glass_suspended_days
        until = None if days is None else now + timedelta(days=days)
        held = self.suspension
        if held is not None and self.suspended(now):
            ends = held.until
            if ends is None or (until is not None and ends >= until):
                return self
        return self.having(suspension=Suspension(opening=opening, at=now, until=until))

    def lifted(self, by: str) -> "GlassUse":
        """Return it without the suspension.

        Raises:
            EnlaceError: it is one's own.
        """
        if by == self.by:
            raise rule(
                "own-suspension",
                "Nobody lifts their own suspension. Nothing was changed: another administrator of "
                "the district can.",
                es="Nadie levanta su propia suspensión. No se cambió nada: puede hacerlo otra "
                "persona de la administración del distrito.",
            )
        return self if self.suspension is None else self.having(suspension=None)


def need_not_suspended(use: GlassUse | None, now: datetime) -> None:
    """Pass who may open records in an emergency.

    Raises:
        EnlaceError: an opening of theirs was found not justified, and that still counts.
    """
    if use is not None and use.suspended(now):
        raise EnlaceError(
            "break-glass-suspended",
            Kind.FORBIDDEN,
            "An opening of yours was found not justified: until your district's administrator "
            "lets you, or the time that the district has set is over, you open no record in an "
            "emergency. Nothing was opened. If a child needs help now, call the child's school.",
            es="Un acceso suyo se halló injustificado: hasta que la administración de su distrito "
            "se lo permita, o pase el plazo que fijó el distrito, usted no puede abrir expedientes "
            "en una emergencia. No se abrió nada. Si un niño necesita ayuda ahora, llame a su "
            "escuela.",
        )


def too_often(rules: Rules) -> EnlaceError:
    """Return what is said to who has looked up as many names as the district lets."""
    most = rules.break_glass_searches_an_hour
    return EnlaceError(
        "break-glass-too-often",
        Kind.TOO_MANY,
        f"In an emergency up to {most} searches by name an hour are answered, and you have made "
        "them. Nobody was looked up. Wait an hour; if a child needs help now, call the child's "
        "school or your district's administrator.",
        es=f"En una emergencia se responden hasta {most} búsquedas por nombre en una hora, y usted "
        "ya las hizo. No se buscó a nadie. Espere una hora; si un niño necesita ayuda ahora, llame "
        "a su escuela o a la administración de su distrito.",
    )
