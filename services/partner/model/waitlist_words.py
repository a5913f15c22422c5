"""What a place on a waitlist and a measured wait are called, in Spanish and English."""

from dataclasses import dataclass

_WORDS = {
    # why one has the place that it has
    "first-come": ("Por orden de llegada", "First come, first served"),
    "urgency-0": ("Es una crisis: va primero", "A crisis goes first"),
    "urgency-1": ("Es urgente", "Urgent"),
    "urgency-2": ("Lo necesita pronto", "Needed soon"),
    "urgency-3": ("Sin urgencia especial", "No special urgency"),
    "tier": (
        "Nivel de apoyo {n}: el nivel más alto va primero",
        "Tier {n}: the highest goes first",
    ),
    "no-tier": (
        "Sin nivel de apoyo registrado: va después de quienes lo tienen",
        "No tier recorded: goes after those who have one",
    ),
    "sibling": (
        "Una hermana o un hermano ya recibe ayuda aquí: va primero",
        "A sibling is helped here already: goes first",
    ),
    "no-sibling": (
        "Va después de quienes tienen aquí a una hermana o un hermano",
        "Goes after those who have a sibling here",
    ),
    "since": ("Espera desde el {n}", "Waiting since {n}"),
    # the same for an agency, which does not know the child yet
    "by-tier": ("Según el nivel de apoyo que dio la escuela", "By the school's tier of support"),
    "by-sibling": (
        "Primero quienes tienen aquí a una hermana o un hermano",
        "Those with a sibling here go first",
    ),
    # how long it has taken
    "wait-day": ("alrededor de 1 día, según {m} lugares", "about 1 day, from {m} promotions"),
    "wait-days": (
        "alrededor de {n} días, según {m} lugares",
        "about {n} days, from {m} promotions",
    ),
    "wait-weeks": (
        "alrededor de {n} semanas, según {m} lugares",
        "about {n} weeks, from {m} promotions",
    ),
    "wait-unknown": (
        "todavía no se sabe; menos de {n} han recibido un lugar en un año",
        "not known yet; fewer than {n} got a place within a year",
    ),
}


@dataclass(frozen=True, slots=True)
class Worded:
    """A fact of a waitlist: a code, and words in both languages."""

    code: str
    es: str
    en: str


def worded(code: str, n: object = "", m: object = "") -> Worded:
    """Return a fact with its words."""
    es, en = _WORDS[code]
    return Worded(code, es.format(n=n, m=m), en.format(n=n, m=m))
