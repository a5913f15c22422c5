"""A warm hand-off to a place outside the network, recorded by hand. Pure.

Somebody at the school brings the family there: calls together, walks over, writes a letter. The
place has no link and no seat here; it stands as the claim of the referral under the hand-off's own
id, so that follow-ups, revocation and the family's answer run as they do for any agency.
"""

from datetime import datetime, timedelta
from typing import ClassVar

from contracts.code import Code
from contracts.codes import Outcome, ReleasedPart
from contracts.sealed import Sealed
from services.chassis.aggregate import Aggregate
from services.chassis.errors import rule
from services.referral.model.consent import Consent, ConsentBook, Disclosure
from services.referral.model.doubt import doubted_at
from services.referral.model.people import Family
from services.referral.model.referral import Referral

CLOCKS_DIFFER = timedelta(minutes=15)
OLDEST = timedelta(days=366)


class HandOffWay(Code):
    """How the family was brought there."""

    CALLED_TOGETHER = "called-together"
    WENT_TOGETHER = "went-together"
    CALLED_AHEAD = "called-ahead"
    LETTER = "letter"
    OTHER = "other"


class HandOff(Aggregate):
    """One hand-off, at the school of its referral.

    Attributes:
        to: whom it went to, in words, sealed under the student's key.
        by: subject of who did it.
        handed_at: when.
        released: what the place was told of who the child is; empty where the family speaks for
            itself.
        without_consent: why it was told though no consent covered it, in words, sealed the same
            way; None where one did, or nothing was told.
        seen_at: when somebody who leads at the school, and did not tell it, had looked at that.
        seen_by: subject of who had.
        outcome: how it ended, as the coordinator learned.
        closed_by: subject of who learned it.
    """

    COLLECTION: ClassVar[str] = "hand_offs"

    referral: str
    student: str
    to: Sealed
    how: HandOffWay
    by: str
    handed_at: datetime
    released: tuple[ReleasedPart, ...]
    fingerprint: str
    outcome: Outcome | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    without_consent: Sealed | None = None
    seen_at: datetime | None = None
    seen_by: str | None = None

    def looked_at(self, by: str, now: datetime) -> "HandOff":
        """Return it once a lead has looked at what was told without a consent.

        Raises:
            EnlaceError: a consent covered it, or nothing was told; or it is one's own.
        """
        if self.without_consent is None:
            raise rule(
                "nothing-to-look-at",
                "Nothing was told here without a consent. Nothing was changed: there is nothing to "
                "look at.",
                es="Aquí no se dijo nada sin permiso. No se cambió nada: no hay nada que revisar.",
            )
        if self.by == by:
            raise rule(
                "own-disclosure",
                "You told it yourself. Nothing was changed: somebody else who leads at the school, "
                "or the district's administrator, looks at it.",
                es="Usted mismo lo dijo. No se cambió nada: lo revisa otra persona que coordina en "
                "la escuela, o la administración del distrito.",
            )
        return self if self.seen_at else self.having(seen_at=now, seen_by=by)


def need_past(at: datetime, now: datetime) -> None:
    """Let a time pass at which it can have happened.

    Raises:
        EnlaceError: it lies ahead, or more than a year back.
    """
    if at > now + CLOCKS_DIFFER or at < now - OLDEST:
        raise rule(
            "time-of-hand-off",
            "The time of the hand-off lies ahead, or more than a year back. Nothing was recorded: "
            "enter when it happened.",
            es="La hora de la entrega aún no llega, o fue hace más de un año. No se anotó nada: "
            "escriba cuándo fue.",
        )


def consent_for(
    book: ConsentBook | None,
    family: Family | None,
    referral: Referral,
    hand_off: HandOff,
    now: datetime,
) -> Consent | None:
    """Return the consent under which the place was told what it was told, at that moment.

    A consent that names its agencies covers none outside the network, and one that was in doubt by
    then covers nothing that begins. None: it was told without one, and that is said; the law wants
    the disclosure written down all the more.

    Raises:
        EnlaceError: none covers it, it is in doubt, or it releases less; or it is said that none
            did, and one does.
    """
    told_at = min(hand_off.handed_at, now)
    held = book.held(referral.category, hand_off.id, referral.audience, told_at) if book else ()
    firm = [each for each in held if book and not doubted_at(book, family, each, told_at)]
    lacking = {
        each.id: set(hand_off.released) - set(book.released(each) if book else ()) for each in firm
    }
    # Of several the one that releases most of what was told.
    consent = min(firm, key=lambda each: len(lacking[each.id]), default=None)
    missing = lacking[consent.id] if consent else set(hand_off.released)
    if hand_off.without_consent is not None:
        if not missing:
            raise rule(
                "consent-there",
                "The family's consent covers all that was told. Nothing was recorded: leave "
                "`without_consent` out.",
                es="El permiso de la familia abarca todo lo que se dijo. No se anotó nada: quite "
                "`without_consent`.",
            )
        return None
    if consent is None and held:
        raise rule(
            "consent-in-doubt",
            "When the place was told, whoever consented to this could no longer be told of the "
            "child, or was no longer around it. Nothing was recorded: enter the consent of a "
            "guardian who may be told now, before anything is told; or, where the contact is "
            "wrong, put the contact right first; or record that nothing of who the child is was "
            "told. What was told all the same is recorded with the reason in `without_consent`, "
            "and the school's lead looks at it.",
            es="Cuando se le dijo al lugar, a quien consintió ya no se le podía avisar de este "
            "estudiante, o ya no estaba con la familia. No se anotó nada: registre el "
            "consentimiento de un tutor a quien sí se le pueda avisar, antes de decir nada; o, si "
            "el contacto está mal, corríjalo primero; o anote que no se dijo quién es. Lo que de "
            "todos modos se dijo se anota con el motivo en `without_consent`, y lo revisa quien "
            "dirige en la escuela.",
        )
    if consent is None:
        raise rule(
            "consent-missing",
            "On the day of the hand-off, no consent of the family covered a place outside the "
            "network for this need. Nothing was recorded: get one that is not for named agencies "
            "alone, or record that nothing of who the child is was told. What was told all the "
            "same is recorded with the reason in `without_consent`, and the school's lead looks "
            "at it.",
            es="El día de la entrega, ningún permiso de la familia alcanzaba para un lugar fuera "
            "de la red. No se anotó nada: pida uno que no sea solo para ciertas agencias, o "
            "anote que no se dijo quién es. Lo que de todos modos se dijo se anota con el motivo "
            "en `without_consent`, y lo revisa quien dirige en la escuela.",
        )
    if missing:
        told = ", ".join(sorted(each.value for each in missing))
        raise rule(
            "consent-narrower",
            f"The family's consent does not release: {told}. Nothing was recorded: take that out, "
            "or get a wider consent. What was told all the same is recorded with the reason in "
            "`without_consent`, and the school's lead looks at it.",
            es=f"El permiso de la familia no incluye: {told}. No se anotó nada: quítelo, o pida un "
            "permiso más amplio. Lo que de todos modos se dijo se anota con el motivo en "
            "`without_consent`, y lo revisa quien dirige en la escuela.",
        )
    return consent


def disclosed(
    referral: Referral, hand_off: HandOff, consent: Consent | None, id: str, now: datetime
) -> Disclosure:
    """Return the record of what the place was told (34 CFR 99.32): when, and when written down."""
    return Disclosure(
        id=id,
        family=referral.family,
        student=referral.student,
        site=referral.site,
        referral=referral.id,
        consent=consent.id if consent else None,
        agency=hand_off.id,
        service=hand_off.id,
        claim=hand_off.id,
        parts=hand_off.released,
        made_at=min(hand_off.handed_at, now),
        recorded_at=now,
    )
