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

_PATTERNS: dict[Never, re.Pattern[str]] = {
    Never.IMMIGRATION_STATUS: re.compile(
        r"\b(?:undocumented|indocumentad[oa]s?|sin papeles|(?:without|no|has no|have no) papers"
        r"|immigration status|(?:estatus|estado|situacion|condicion) migratori[oa]"
        r"|illegal (?:immigrant|alien)s?|daca|asylum|asilo|asylees?|refugees?|refugiad[oa]s?"
        r"|green card|tarjeta verde|permanent residents?|residencia permanente"
        r"|deport(?:ed|ation|ad[oa]s?|acion)|non ?-?citizens?|(?:us|u\.s\.|american) citizens?"
        r"|ciudadan[oa]s? (?:american|estadounidense)[a-z]*"
        r"|(?:overstayed|expired|student|work) visa|visa vencida|i-?94|unaccompanied minors?)\b"
    ),
    Never.BIRTHPLACE: re.compile(
        rf"\b(?:born in (?!\d|{_MONTH})|(?:nacio|nacid[oa]s?) en (?!\d|{_MONTH})"
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
        r"|viola(?:ron|cion|da))\b"
    ),
}


def never_in(text: str) -> tuple[Never, ...]:
    """Return what a text seems to hold that must never be stored."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    folded = " ".join("".join(each for each in spread if not unicodedata.combining(each)).split())
    return tuple(never for never, pattern in _PATTERNS.items() if pattern.search(folded))
