"""What a free text holds that must never stand there: it warns, and a person decides.

The words are looked for in English and Spanish, without case and accents. A warning in doubt costs
a second look; a word that was missed stays sealed under the child's key like every other.
"""

import re
import unicodedata
from enum import StrEnum


class Never(StrEnum):
    """What is never stored, or not in words that others read.

    A concern for a child's safety is a report, with its own people and deadline; a referral's words
    go to an agency and into the family's own copy.
    """

    IMMIGRATION_STATUS = "immigration-status"
    BIRTHPLACE = "birthplace"
    SOCIAL_SECURITY_NUMBER = "social-security-number"
    CHILD_PROTECTION = "child-protection"


_MONTH = (
    "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
    "|ene|abr|ago|dic|january|enero|el |los |la |winter|spring|summer|fall"
)

_NO_PAPERS = (
    r"(?:no (?:\w+ )?(?:tiene[n]?|tengo|tenemos|trae[n]?)|sin) (?:sus |los )?(?:papeles|documentos)"
    r"|papeles (?:falsos|chuecos)|arregl(?:ar|a|an|o|aron|ando) (?:sus |los )?papeles"
)
"""Spanish says it so far more often than *indocumentado*."""
_OFFICE = r"(?:ice|immigration|(?:la )?migra|(?:in)?migracion)"
_TAKEN = (
    rf"{_OFFICE} (?:took|takes|has taken|detained|arrested|picked up|came|deported|raids?|agents?"
    r"|officers?|custody|detention|court|hearing|raided)"
    rf"|(?:detained|taken|taken away|arrested|held|picked up|stopped) by {_OFFICE}"
    rf"|(?:afraid|scared) of {_OFFICE}"
    rf"|{_OFFICE} (?:se (?:l[oa]s? )?llev(?:o|aron)|l[oa]s? (?:detuvo|agarro|llevo)"
    r"|detuvo|agarro|arresto|vino|llego)"
    rf"|(?:detenid[oa]s?|arrestad[oa]s?|agarrad[oa]s?) (?:por|de|con) {_OFFICE}"
    rf"|(?:detuv(?:o|ieron)|llev(?:o|aron)|arrest(?:o|aron)|agarr(?:o|aron)) {_OFFICE}"
    r"|la migra|(?:agentes?|corte|juez|audiencia|redadas?) de (?:in)?migracion"
)
"""Whoever was taken away, by which office. The word for ice alone is on every knee."""
_ILLEGAL = (
    r"(?:here|(?:in|to) (?:the|this) (?:us|u\.s\.|country|united states)|came|entered|lives?|living"
    r"|crossed(?: over)?) illegally"
    r"|(?:mom|mother|dad|father|parents?|family|he|she|they|uncle|aunt|brother|sister)"
    r" (?:is|are) (?:here )?illegal(?:ly)?(?! to)"
    r"|(?:es|son|esta[n]?|soy|somos|estamos|vive[n]?|vino|vinieron|entr(?:o|aron)|cruz(?:o|aron))"
    r" (?:aqui )?(?:de )?ilegal(?:es|mente)?"
)

_PATTERNS: dict[Never, re.Pattern[str]] = {
    Never.IMMIGRATION_STATUS: re.compile(
        r"\b(?:undocumented|indocumentad[oa]s?|(?:without|no|has no|have no) papers"
        rf"|{_NO_PAPERS}|{_TAKEN}|{_ILLEGAL}"
        r"|immigration status|(?:estatus|estado|situacion|condicion) migratori[oa]"
        r"|illegal (?:immigrant|alien)s?|daca|asylum|asilo|asylees?|refugees?|refugiad[oa]s?"
        r"|green card|tarjeta verde|permanent residents?|residen(?:cia|tes?) (?:permanente|legal)s?"
        r"|legal residents?|tps|temporary protected status|proteccion temporal"
        r"|(?:humanitarian parole|parole humanitario)"
        r"|deport(?:ed|ing|ations?|ad[oa]s?|acion(?:es)?|an|o|aron|ar(?:l[oa]s?|nos|me)?)"
        r"|non ?-?citizens?|(?:us|u\.s\.|american) citizens?"
        r"|(?:not|isn.?t|aren.?t) (?:yet )?(?:a |an )?citizens?"
        r"|no (?:es|son|soy|somos) (?:todavia )?ciudadan[oa]s?"
        r"|ciudadan[oa]s? (?:american|estadounidense)[a-z]*"
        r"|(?:overstayed|expired|student|work|tourist|without a|no|sin|u) visa"
        r"|visa (?:vencida|expired|ran out|de turista|de trabajo|u)|i-?94|unaccompanied minors?"
        r"|cross(?:ed|ing) the border|cruz(?:o|aron|amos|ar) la frontera)\b"
    ),
    Never.BIRTHPLACE: re.compile(
        rf"\b(?:born in (?!\d|{_MONTH})|(?:naci|nacio|nacieron|nacid[oa]s?) en (?!\d|{_MONTH})"
        r"|originari[oa]s? de"
        r"|birth ?place|place of birth|country of birth|lugar de nacimiento|pais de nacimiento"
        r"|pais de origen|country of origin|nationality|nacionalidad)"
    ),
    Never.SOCIAL_SECURITY_NUMBER: re.compile(
        r"(?<![\d-])(?!000|666|9\d\d)\d{3}([- ])(?!00)\d{2}\1(?!0000)\d{4}(?![\d-])"
        r"|\b(?:ssn|social security|seguro social)\b\D{0,30}\d[\d -]{2,}"
    ),
    Never.CHILD_PROTECTION: re.compile(
        r"\b(?:(?:child|sexual(?:ly)?|physical(?:ly)?) abus(?:e|ed|es|ing)|abused (?:by|at home)"
        r"|being abused|molest(?:ed|s|ing|ation)?|neglect(?:ed|s|ing)?|bruis(?:e|es|ed|ing)"
        r"|(?:hits?|hitting|beats?|beaten|beating|slap(?:s|ped)|kick(?:s|ed)|punche[sd]|chokes?d?"
        r"|whip(?:s|ped)|burn(?:s|ed|t)) (?:him|her|them|me|the (?:child|children|kids?|boy|girl)"
        r"|(?:his|her|their|my) (?:son|daughter|child|children|kids?|brother|sister)|by (?:his|her"
        r"|their|a|the) (?:\w+ )?(?:mother|mom|father|dad|parents?|step\w*|uncle|boyfriend))"
        r"|touch(?:ed|es) (?:him|her|them|me) (?:inappropriately|where)|inappropriate touching"
        r"|afraid to go home|left alone (?:at home|overnight|for days)|locked (?:in|out|up)"
        r"|cps|child protecti(?:ve|on)|incest|raped?|trafficked"
        r"|(?:abuso|abusos) (?:sexual|fisico|infantil)(?:es|s)?|abus(?:an?|o|aron) de (?:el|ella|mi"
        r"|la nina|la menor)|abusad[oa]s? sexualmente|maltrat\w+|moret(?:on|ones)|negligencia"
        r"|(?:le|la|lo|les|me) (?:pega[n]?|pego|pegaron|golpea[n]?|golpeo|golpearon|patea[n]?)"
        r"|tocamientos?|(?:lo|la) toc(?:a|o|aron) (?:donde|sus partes)"
        r"|miedo (?:de|a) (?:ir|volver|regresar) a (?:su )?casa|(?:sol[oa]s?) en casa (?:de noche"
        r"|por dias)|encerrad[oa]s?|proteccion (?:infantil|de menores)|incesto"
        r"|viol(?:o|aron|acion|ada|aba))\b"
    ),
}


def never_in(text: str) -> tuple[Never, ...]:
    """Return what a text seems to hold that must never be stored."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    folded = " ".join("".join(each for each in spread if not unicodedata.combining(each)).split())
    return tuple(never for never, pattern in _PATTERNS.items() if pattern.search(folded))
