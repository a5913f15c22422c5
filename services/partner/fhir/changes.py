"""From a Task that an agency sends back to what it means: one answer, or none. Pure.

A client reads a Task, changes its status and what goes with it, and puts it back. Everything else
in it is the school's, and is left as it is here.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from contracts.codes import DeclineReason, Outcome, Progress, QuestionTopic
from services.chassis.closed import one_of
from services.chassis.errors import EnlaceError, Kind
from services.chassis.fields import Moment
from services.chassis.plain import plain
from services.partner.fhir.codes import (
    BUSINESS,
    DECLINE,
    OUTCOME,
    QUESTION,
    BusinessStatus,
    TaskStatus,
)
from services.partner.fhir.resources import Seen, status_and_date
from services.partner.model.progress import Report

Text = Annotated[str, Field(max_length=1_000)]
MOST = 20
LONGEST_WORDS = 300
"""Codings of a concept, and outputs of a Task, that are looked at."""


class _Sent(BaseModel):
    """What is read of a resource: the rest is left aside, as clients send much of their own."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Coding(_Sent):
    """One code of a system."""

    system: Text | None = None
    code: Text | None = None


class Concept(_Sent):
    """A CodeableConcept."""

    coding: Annotated[tuple[Coding, ...], Field(max_length=MOST)] = ()
    text: Text | None = None

    def code(self, system: str) -> str | None:
        """Return the code of one system; a coding without a system counts as of any."""
        for each in self.coding:
            if each.system in {system, None} and each.code:
                return each.code
        return None


class Period(_Sent):
    """A Period; its start is when an appointment is."""

    start: Moment | None = None

    @field_validator("start")
    @classmethod
    def _as_kept(cls, at: datetime | None) -> datetime | None:
        return at.replace(microsecond=at.microsecond // 1000 * 1000) if at else None


class Output(_Sent):
    """What came of a Task."""

    valueCodeableConcept: Concept | None = None  # noqa: N815 - FHIR's own name


class SentTask(_Sent):
    """A Task as an agency puts it back."""

    resourceType: Literal["Task"]  # noqa: N815 - FHIR's own name
    id: Annotated[str, Field(max_length=64)]
    status: Annotated[str, Field(max_length=32)]
    statusReason: Concept | None = None  # noqa: N815 - FHIR's own name
    businessStatus: Concept | None = None  # noqa: N815 - FHIR's own name
    executionPeriod: Period | None = None  # noqa: N815 - FHIR's own name
    output: Annotated[tuple[Output, ...], Field(max_length=MOST)] = ()


class Plain(Enum):
    """An answer that needs nothing besides."""

    NOTHING = auto()
    CLAIM = auto()
    WAIT = auto()


@dataclass(frozen=True, slots=True)
class Refuse:
    """A no, with its reason; `words` where the agency wrote any."""

    reason: DeclineReason
    words: str | None


@dataclass(frozen=True, slots=True)
class Ask:
    """What the agency wants to know before it answers."""

    topics: tuple[QuestionTopic, ...]
    words: str


Answer = Plain | Refuse | Ask | Report

_MAY = ("received", "accepted", "rejected", "in-progress", "completed", "failed")
_FAILURES = tuple(each for each in Outcome if not each.helped)


def answer_of(sent: SentTask, seen: Seen) -> Answer:  # noqa: PLR0911 - one line a status
    """Return what an agency says with a Task.

    Args:
        sent: the Task as it came.
        seen: the Task as it stands.

    Raises:
        EnlaceError: a status that the school sets, or one that lacks what goes with it.
    """
    stands, date = status_and_date(seen)
    wanted = sent.executionPeriod.start if sent.executionPeriod else None
    dated = wanted is not None and wanted != date
    outcome = _outcome(sent)
    match sent.status:
        case TaskStatus.REQUESTED if stands is TaskStatus.REQUESTED:
            return Plain.NOTHING
        case TaskStatus.RECEIVED:
            return _received(sent)
        case TaskStatus.ACCEPTED if stands is TaskStatus.ACCEPTED:
            return Report(Progress.SCHEDULED, wanted) if dated else Plain.NOTHING
        case TaskStatus.ACCEPTED:
            return Plain.CLAIM
        case TaskStatus.REJECTED:
            return _refusal(sent)
        case TaskStatus.IN_PROGRESS if dated and stands is TaskStatus.IN_PROGRESS:
            return Report(Progress.SCHEDULED, wanted)
        case TaskStatus.IN_PROGRESS:
            return Report(Progress.STARTED)
        case TaskStatus.COMPLETED:
            return Report(Progress.COMPLETED, outcome=outcome)
        case TaskStatus.FAILED:
            return _failure(sent, outcome)
        case _:
            raise _not_yours(sent.status)


def _received(sent: SentTask) -> Answer:
    """Return what is said with a Task that is neither accepted nor rejected."""
    refined = sent.businessStatus and sent.businessStatus.code(BUSINESS)
    if refined == BusinessStatus.WAITLISTED:
        return Plain.WAIT
    if refined != BusinessStatus.INFORMATION_NEEDED:
        return Plain.NOTHING
    why = sent.statusReason or Concept()
    codes = [each.code for each in why.coding if each.system == QUESTION]
    named = [QuestionTopic(each) for each in codes if each]
    words = plain(why.text or "", one_line=False).strip()[:LONGEST_WORDS]
    if not words and not (named and all(each.listed for each in named)):
        may = [each.value for each in QuestionTopic]
        raise _malformed(
            "A Task for which information is needed says which: send statusReason, with codes of "
            f"the system {QUESTION} ({one_of(may, 'or')}), or with a text that names nobody.",
            "Una tarea a la que le falta información dice cuál: envíe statusReason, con códigos "
            f"del sistema {QUESTION} ({one_of(may, 'o')}), o con un texto que no nombre a nadie.",
        )
    return Ask(tuple(dict.fromkeys(each for each in named if each.listed)), words)


def _refusal(sent: SentTask) -> Refuse:
    why = sent.statusReason or Concept()
    code, words = why.code(DECLINE), plain(why.text or "", one_line=False).strip() or None
    if code is None and words is None:
        raise _malformed(
            "A rejected Task says why: send statusReason, with a code of the system "
            f"{DECLINE} ({one_of([each.value for each in DeclineReason], 'or')}), or with a text.",
            "Una tarea rechazada dice por qué: envíe statusReason, con un código del sistema "
            f"{DECLINE} ({one_of([each.value for each in DeclineReason], 'o')}), o con un texto.",
        )
    reason = DeclineReason(code) if code else DeclineReason.OTHER
    if reason is DeclineReason.OTHER and words is None:
        raise _malformed(
            "The reason other needs words: send them in statusReason.text.",
            "El motivo other necesita palabras: envíelas en statusReason.text.",
        )
    return Refuse(reason, words[:500] if words and reason is DeclineReason.OTHER else None)


def _failure(sent: SentTask, outcome: Outcome | None) -> Report:
    why = sent.statusReason.code(OUTCOME) if sent.statusReason else None
    told = Outcome(why) if why else outcome
    if told not in _FAILURES:
        may = [each.value for each in _FAILURES]
        raise _malformed(
            f"A failed Task says how: send statusReason with a code of the system {OUTCOME}: "
            f"{one_of(may, 'or')}. Help that was given is completed, with the outcome in output.",
            f"Una tarea fallida dice cómo: envíe statusReason con un código del sistema {OUTCOME}: "
            f"{one_of(may, 'o')}. La ayuda que se dio es completed, con el resultado en output.",
        )
    return Report(Progress.FAILED, outcome=told)


def _outcome(sent: SentTask) -> Outcome | None:
    for each in sent.output:
        code = each.valueCodeableConcept and each.valueCodeableConcept.code(OUTCOME)
        if code:
            found = Outcome(code)
            if not found.listed:
                may = [known.value for known in Outcome]
                raise _malformed(
                    f"This outcome is not known here: send {one_of(may, 'or')}.",
                    f"Este resultado no se conoce aquí: envíe {one_of(may, 'o')}.",
                )
            return found
    return None


def _not_yours(status: str) -> EnlaceError:
    may, puede = one_of(list(_MAY), "or"), one_of(list(_MAY), "o")
    known = status if len(status) <= len("entered-in-error") and status.isascii() else "This"
    return _malformed(
        f"{known} is no status that an agency sets: send {may}. Nothing was changed. To give back "
        "a child that you have taken, send failed with its reason, or call the school.",
        f"Una agencia no pone ese estado: envíe {puede}. No se cambió nada. Para devolver una "
        "derivación que aceptó, envíe failed con su motivo, o llame a la escuela.",
    )


def _malformed(english: str, spanish: str) -> EnlaceError:
    return EnlaceError("task-not-usable", Kind.MALFORMED, english, es=spanish)
