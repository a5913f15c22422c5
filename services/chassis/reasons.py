"""The reasons that a district's people and agencies choose from, for every act that asks. Pure."""

from collections.abc import Iterable, Mapping

from contracts.categories import Names
from contracts.code import DistrictCode
from contracts.codes import CancelReason, DeclineReason, ErrorReason, HoldReason
from contracts.follow_ups import SnoozeReason
from contracts.rules import DistrictReason, ReasonedAct
from services.chassis.errors import rule
from services.chassis.listed import DistrictList, Unlisted, need_in

OTHER = "other"
"""In every list, and in every form: whoever finds nothing that fits takes it."""

_DECLINE: Mapping[DistrictCode, tuple[str, str]] = {
    DeclineReason.NO_CAPACITY: ("they have no seats", "no tienen lugares"),
    DeclineReason.NOT_ELIGIBLE: (
        "the child does not fit their rules",
        "el niño no cumple sus requisitos",
    ),
    DeclineReason.SERVICE_NOT_PROVIDED: ("they do not do this", "no ofrecen esto"),
    DeclineReason.ALREADY_ENROLLED: (
        "the child is already with them",
        "el niño ya está con ellos",
    ),
    DeclineReason.OUT_OF_AREA: ("the family lives too far", "la familia vive muy lejos"),
    DeclineReason.LANGUAGE_NOT_AVAILABLE: (
        "nobody there speaks the language",
        "nadie habla el idioma",
    ),
    DeclineReason.NOT_SAID: ("they gave no reason", "no dijeron por qué"),
    DeclineReason.OTHER: ("another reason", "otro motivo"),
}
_CANCEL: Mapping[DistrictCode, tuple[str, str]] = {
    CancelReason.FAMILY_WITHDREW: (
        "the family does not want it any more",
        "la familia ya no lo quiere",
    ),
    CancelReason.MOVED_AWAY: ("the family has moved away", "la familia se mudó"),
    CancelReason.NOBODY_ANSWERED: ("nobody answered", "nadie respondió"),
    CancelReason.CONSENT_REVOKED: ("the consent was taken back", "se retiró el permiso"),
    CancelReason.OTHER: ("another reason", "otro motivo"),
}
_HOLD: Mapping[DistrictCode, tuple[str, str]] = {
    HoldReason.FAMILY_ASKED: ("the family asked for it", "la familia lo pidió"),
    HoldReason.WAITING_FOR_CONSENT: ("a consent is awaited", "se espera un permiso"),
    HoldReason.WAITING_FOR_DOCUMENTS: ("papers are awaited", "se esperan documentos"),
    HoldReason.WAITING_FOR_SERVICE: ("the service has not begun", "el servicio no ha empezado"),
    HoldReason.SCHOOL_BREAK: ("the school is closed", "la escuela está cerrada"),
    HoldReason.OTHER: ("another reason", "otro motivo"),
}
_SNOOZE: Mapping[DistrictCode, tuple[str, str]] = {
    SnoozeReason.FAMILY_ASKED: ("the family asked for it", "la familia lo pidió"),
    SnoozeReason.AGENCY_ASKED: ("the agency asked for it", "la agencia lo pidió"),
    SnoozeReason.WAITING_FOR_APPOINTMENT: (
        "the appointment is still to come",
        "la cita todavía no llega",
    ),
    SnoozeReason.SCHOOL_BREAK: ("the school is closed", "la escuela está cerrada"),
    SnoozeReason.COULD_NOT_REACH: ("nobody could be reached", "no se pudo hablar con nadie"),
    SnoozeReason.OTHER: ("another reason", "otro motivo"),
}
_IN_ERROR: Mapping[DistrictCode, tuple[str, str]] = {
    ErrorReason.WRONG_CHILD: ("it is about another child", "es de otro niño"),
    ErrorReason.ENTERED_TWICE: ("it was written down twice", "se anotó dos veces"),
    ErrorReason.NO_NEED: ("there was no such need", "no había esa necesidad"),
    ErrorReason.OTHER: ("another reason", "otro motivo"),
}

_SHIPPED: Mapping[ReasonedAct, Mapping[DistrictCode, tuple[str, str]]] = {
    ReasonedAct.DECLINE: _DECLINE,
    ReasonedAct.CANCEL: _CANCEL,
    ReasonedAct.HOLD: _HOLD,
    ReasonedAct.SNOOZE: _SNOOZE,
    ReasonedAct.ENTER_IN_ERROR: _IN_ERROR,
}

REASONS_AS_SHIPPED: tuple[DistrictReason, ...] = tuple(
    DistrictReason(act=act, code=code.value, names=Names(en=en, es=es), retired=False)
    for act, names in _SHIPPED.items()
    for code, (en, es) in names.items()
)
"""The reasons of a district that has said nothing, as forms show them."""

BY_ITSELF = frozenset(
    {
        (ReasonedAct.DECLINE, DeclineReason.NOT_SAID.value),
        (ReasonedAct.CANCEL, CancelReason.CONSENT_REVOKED.value),
    }
)
"""Written by Enlace where nobody chose: no form offers them."""

_ACT_OF: Mapping[type[DistrictCode], ReasonedAct] = {
    type(code): act for act, names in _SHIPPED.items() for code in names
}
_UNKNOWN = Unlisted(
    "reason-unknown",
    "is no reason of this district for that",
    "no es un motivo de este distrito para eso",
)


class Reasons:
    """The reasons that a district has.

    Args:
        reasons: those of every act, retired ones too.
    """

    def __init__(self, reasons: Iterable[DistrictReason]) -> None:
        self.all = tuple(reasons)
        self._by_act = {
            act: DistrictList([each for each in self.all if each.act == act]) for act in ReasonedAct
        }

    def of(self, act: ReasonedAct) -> DistrictList[DistrictReason]:
        """Return those of one act."""
        return self._by_act[act]

    def choices(self, act: ReasonedAct) -> tuple[str, ...]:
        """Return the codes that a form offers: the shipped ones, the district's own, *other*."""
        codes = [each.code for each in self.of(act).open if (act, each.code) not in BY_ITSELF]
        return (*(code for code in codes if code != OTHER), OTHER)


def need_reason(reasons: Reasons, given: DistrictCode, stands: DistrictCode | None = None) -> None:
    """Pass a reason that can be chosen now, or that stands already: a repeat chooses nothing.

    Raises:
        EnlaceError: the district has it not for this act (422), or has retired it (409).
    """
    if given == stands:
        return
    known = reasons.of(_ACT_OF[type(given)])
    need_in(known, [given.value], _UNKNOWN)
    found = known.get(given.value)
    if found is not None and found.retired:
        may = ", ".join(each.code for each in known.open)
        raise rule(
            "reason-retired",
            f"{given.value} is no longer chosen in this district. Nothing was changed: send one "
            f"of {may}.",
            es=f"En este distrito ya no se elige {given.value}. No se cambió nada; se puede "
            f"enviar: {may}.",
        )


SHIPPED_REASONS = Reasons(REASONS_AS_SHIPPED)
"""Until anything was told: what comes with Enlace."""
