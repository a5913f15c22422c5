"""Reasons for and against a service: a code, and words for people in both languages."""

from dataclasses import dataclass

from services.partner.model.waitlist_words import Worded

_WORDS = {
    # seats
    "seats-free": ("{n} lugares libres", "{n} seats free"),
    "seat-free": ("1 lugar libre", "1 seat free"),
    "no-seats": ("Sin lugares por ahora", "No seats just now"),
    "waitlist": ("Con lista de espera: {n}", "Waitlist: {n}"),
    "wait": ("Espera: {n}", "Wait: {n}"),
    "closed": ("No recibe a nadie por ahora", "Takes nobody just now"),
    "assessment-first": ("Pide una evaluación antes", "Asks for an assessment first"),
    "seats-unknown": ("No ha dicho cuántos lugares tiene", "Has not told how many seats it has"),
    "seats-old": ("Dato de hace {n} días: pregunte", "Told {n} days ago: ask first"),
    # how old the entry is
    "entry-old": (
        "Datos confirmados hace {n} meses: pregunte",
        "Entry last confirmed {n} months ago: ask first",
    ),
    "entry-unconfirmed": (
        "Nadie ha confirmado estos datos: pregunte",
        "Nobody has confirmed this entry: ask first",
    ),
    # language
    "language-spoken": ("Atiende en el idioma de la familia", "Speaks the family's language"),
    "interpreter": ("Atiende con intérprete", "Brings an interpreter"),
    "language-unknown": ("No ha dicho qué idiomas habla", "Has not told its languages"),
    "language-missing": ("No atiende en el idioma de la familia", "Not in the family's language"),
    # where
    "on-campus": ("En la escuela misma", "At the school itself"),
    "near-home": ("A unas {n} millas de casa", "About {n} miles from home"),
    "near-school": ("A unas {n} millas de la escuela", "About {n} miles from the school"),
    # measured
    "replies-in-hours": ("Suele responder en {n} horas", "Usually replies in {n} hours"),
    "replies-in-days": ("Suele responder en {n} días", "Usually replies in {n} days"),
    "accepts": ("Acepta {n} de cada 10", "Accepts {n} in 10"),
    # cost and hours
    "cost-free": ("Sin costo", "Free of charge"),
    "cost-by-insurance": ("La paga el seguro", "Paid by insurance"),
    "cost-sliding-scale": ("Cobra según los ingresos", "Charges by income"),
    "cost-fee": ("Tiene costo", "Charges a fee"),
    "hours-suit": ("Abre cuando la familia puede", "Open when the family can come"),
    "hours-other": ("No abre cuando la familia puede", "Not open when the family can come"),
    # whom it takes: what fits, and what somebody should ask because it was not told
    "age-fits": ("Atiende su edad", "Takes this age"),
    "grade-fits": ("Atiende su grado", "Takes this grade"),
    "insurance-taken": ("Acepta su seguro", "Takes the insurance"),
    "area-fits": ("Atiende donde vive", "Serves where the family lives"),
    "ages-only": ("Edades: {n}", "Ages: {n}"),
    "grades-only": ("Grados: {n}", "Grades: {n}"),
    "insurance-only": ("Pregunte por el seguro", "Ask about insurance"),
    "area-only": ("Pregunte por el código postal", "Ask about the ZIP code"),
    "agreed-ask": (
        "Pregunte antes: el convenio dice a quiénes se atiende",
        "Ask first: the agreement says who may be served",
    ),
    "agreement-ends": ("El convenio termina el {n}", "The agreement ends on {n}"),
    # why no offer goes there
    "other-need": ("No atiende esta necesidad", "Does not meet this need"),
    "not-there": ("Ya no está en el directorio", "No longer in the directory"),
    "not-its-main-work": (
        "Una necesidad delicada va solo a quien se dedica a ella",
        "A sensitive need goes only to those whose main work it is",
    ),
    "other-schools": ("Solo para otras escuelas", "For other schools only"),
    "no-agreement": ("Sin convenio vigente para esta escuela", "No live agreement for this school"),
    "papers-lacking": (
        "Al convenio le falta un documento vigente",
        "The agreement lacks a valid paper",
    ),
    "agreement-expired": ("El convenio ya venció", "The agreement has expired"),
    "agreed-ages": ("El convenio es para edades de {n}", "The agreement is for ages {n}"),
    "agreed-grades": ("El convenio es para los grados {n}", "The agreement is for grades {n}"),
    "agreed-insurance": (
        "El convenio no incluye este seguro",
        "The agreement does not cover this insurance",
    ),
    "agreed-zips": (
        "El convenio no incluye este código postal",
        "The agreement does not cover this ZIP code",
    ),
    "nobody-to-ask": ("Sin contacto a quien preguntar", "Nobody to ask there"),
    "too-young": ("Atiende desde los {n} años", "Takes children from {n} years"),
    "too-old": ("Atiende hasta los {n} años", "Takes children up to {n} years"),
    "other-grades": ("Solo para los grados {n}", "For grades {n} only"),
    "insurance-not-taken": ("No acepta este seguro", "Does not take this insurance"),
    "out-of-area": ("No atiende en este código postal", "Does not serve this ZIP code"),
    "language-not-available": (
        "No habla el idioma que la familia necesita ni trae intérprete",
        "Does not speak the language that the family needs, and brings no interpreter",
    ),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason for or against, in Spanish and English.

    Attributes:
        points: what it gave of the score's hundred; None where it gives none.
    """

    code: str
    es: str
    en: str
    points: float | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A reason before it has words: thousands are weighed, and few are read."""

    code: str
    n: object = ""
    points: float | None = None


def reason(code: str, n: object = "", points: float | None = None) -> Reason:
    """Return a reason with its words."""
    es, en = _WORDS[code]
    rounded = None if points is None else round(points, 1)
    n_es, n_en = (n.es, n.en) if isinstance(n, Worded) else (n, n)
    return Reason(code, es.format(n=n_es), en.format(n=n_en), rounded)


def worded(said: tuple[Said, ...]) -> tuple[Reason, ...]:
    """Return reasons with their words."""
    return tuple(reason(each.code, each.n, each.points) for each in said)
