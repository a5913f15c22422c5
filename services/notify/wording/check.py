"""Checks words before anybody is sent them: those that come with Enlace, and a district's own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contracts.categories import RESTRICTED, SHIPPED
from contracts.codes import Channel, Language, Template
from contracts.registry import event_class
from services.chassis.texted import bare
from services.notify.model.rules import RULES
from services.notify.model.segments import count_parts
from services.notify.wording import compose, samples
from services.notify.wording.frame import MOST_PARTS, best_form
from services.notify.wording.grammar import fill, used
from services.notify.wording.reading import HIGHEST_GRADE, grade
from services.notify.wording.source import (
    LANGUAGES,
    Sensitivity,
    Source,
    TemplateFault,
)
from services.notify.wording.values import ALWAYS, VALUES, Value, misfit

FITTING = 0.95
"""The share of realistic texts that must take few parts."""

TRIED = 208
"""How many sets of values a text is tried on."""

_FIRST_OF = 8
"""One text in so many says how to stop: two a week at most, and once a month."""

_STEMS = (
    *("abus", "addict", "adicci", "aids", "alcohol", "asylum", "asilo", "aborto", "abortion"),
    *("counsel", "consejer", "depress", "depresi", "deport", "drug", "droga", "embaraz", "pregnan"),
    *("evict", "desaloj", "foster", "homeless", "hiv", "vih", "indocumentad", "undocumented"),
    *("inmigra", "immigra", "jail", "carcel", "mental", "overdose", "sobredosis", "probation"),
    *("psic", "psych", "rape", "refugio", "shelter", "suicid", "terapi", "therap", "trauma"),
    *("violenc", "violent", "violaci", "welfare", "sin hogar"),
)
"""Beginnings of words, bare, by which a need that can harm would be named."""

_GENDERED = re.compile(
    r"\b(?:estimad|querid|bienvenid|apreciad|distinguid)[oa]s?\b|\((?:a|as|o|os)\)|\w[oa]/[oa]s?\b"
    r"|\b(?:Mr|Mrs|Ms|Sr|Sra|Srta)\.|\bhe or she\b|\bhis or her\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must be mended before words go out.

    Attributes:
        rule: a slug: `languages`, `values`, `grammar`, `length`, `reading`, `sensitive`, `gender`,
            `front-matter` or `stop`.
        says: what, and what to write instead.
    """

    template: str
    rule: str
    says: str
    channel: Channel | None = None
    language: Language | None = None

    @property
    def where(self) -> str:
        """Which words it is about."""
        place = " ".join(each for each in (self.channel, self.language) if each)
        return f"{self.template} ({place})" if place else self.template

    @property
    def says_es(self) -> str:
        """In Spanish, what to do about it."""
        return _SPANISH.get(self.rule, self.says)


_SPANISH = {
    "languages": "faltan las palabras en un idioma",
    "values": "use los mismos valores en los dos idiomas, y solo los que este mensaje tiene",
    "grammar": "entre {{ }} va el nombre de un valor, y las condiciones van con {% if %}",
    "length": "es demasiado largo: una parte en inglés, dos en español",
    "reading": "cuesta leerlo: frases y palabras más cortas, de sexto grado",
    "sensitive": "nombra una necesidad que puede hacer daño: diga «la ayuda»",
    "gender": "trata al lector de hombre o de mujer: dígalo sin eso",
}


def readable(source: Source) -> bool:
    """Tell whether words can be filled with the values that their message has."""
    return not any(_values(source))


def check(source: Source) -> list[Finding]:
    """Return what must be mended in one message; the grammar first, for the rest needs it whole."""
    found = [*_front_matter(source), *_languages(source)]
    found += _values(source)
    if found:
        return found
    for channel, language in source.parts:
        found += _plain(source, channel, language)
    return found


def _front_matter(source: Source) -> Iterator[Finding]:
    """Hold the front matter to the rules of sending and to the events that it answers."""
    name, header = source.name, source.header
    unknown = [each for each in header.values if each not in VALUES]
    for each in unknown:
        yield Finding(name, "values", f"there is no value '{each}': {', '.join(sorted(VALUES))}")
    if {"link", "links"} & set(header.values) and header.link is None:
        yield Finding(name, "front-matter", "it has a link: say what the link opens, as 'link:'")
    for type_name in header.answers:
        event = event_class(f"org.enlace.{type_name}.v1")
        if event is None:
            yield Finding(name, "front-matter", f"there is no event '{type_name}' to answer")
            continue
        for value in header.values:
            why = misfit(value, event) if value in VALUES else None
            if why is not None:
                yield Finding(name, "values", why)
    rule = RULES.get(Template(name))
    if rule is not None and rule.checked is not (header.sensitivity is Sensitivity.CHILD):
        yield Finding(name, "front-matter", "sensitivity is 'child' where referral is asked, only")
    if rule is not None and rule.quiet and not header.stop_line:
        yield Finding(name, "stop", "whoever gets this unasked is told how to stop")


def _languages(source: Source) -> Iterator[Finding]:
    wanted = {each.channel for each in source.header.channels}
    for channel in sorted(wanted | {channel for channel, _ in source.parts}):
        there = source.languages(channel)
        if channel not in wanted:
            yield Finding(
                source.name, "front-matter", "a channel that 'channels' leaves out", channel
            )
            continue
        for language in LANGUAGES:
            if language not in there:
                yield Finding(source.name, "languages", "the words are missing", channel, language)


def _values(source: Source) -> Iterator[Finding]:
    """Hold the words to the values that there are, the same ones in each language."""
    header = source.header
    allowed: dict[str, Value] = {
        **ALWAYS,
        **{each: VALUES[each] for each in header.values if each in VALUES},
    }
    seen: dict[Channel, dict[Language, frozenset[str]]] = {}
    for (channel, language), part in source.parts.items():
        try:
            names = used(f"{part.subject}\n{part.body}", language, allowed)
        except TemplateFault as fault:
            yield Finding(source.name, "grammar", str(fault), channel, language)
            continue
        seen.setdefault(channel, {})[language] = names
    for channel, by_language in seen.items():
        every = frozenset[str]().union(*by_language.values())
        for language, names in by_language.items():
            if missing := every - names:
                says = f"names no {', '.join(sorted(missing))}, as the other language does"
                yield Finding(source.name, "values", says, channel, language)
    named = frozenset[str]().union(*(names for each in seen.values() for names in each.values()))
    for idle in sorted(set(header.values) - named):
        yield Finding(source.name, "values", f"'{idle}' is given and never used")


def _plain(source: Source, channel: Channel, language: Language) -> Iterator[Finding]:
    """Hold the words of one channel and language to what a family can read and pay attention to."""
    if channel is Channel.SMS:
        share = fitting(source, language)
        if share < FITTING:
            most = MOST_PARTS.get(language, 1)
            says = f"only {share:.0%} of texts take {most} part or fewer: say it shorter"
            yield Finding(source.name, "length", says, channel, language)
    highest = max(_grades(source, channel, language), default=0.0)
    if highest > HIGHEST_GRADE:
        says = f"asks for grade {highest:.1f}: shorter sentences, shorter words"
        yield Finding(source.name, "reading", says, channel, language)
    words = f"{source.parts[channel, language].subject} {source.parts[channel, language].body}"
    for stem in named_needs(words):
        says = f"'{stem}…' names a need that can harm: say 'the help'"
        yield Finding(source.name, "sensitive", says, channel, language)
    if found := _GENDERED.search(words):
        says = f"'{found.group()}' takes the reader for a man or a woman: say it without"
        yield Finding(source.name, "gender", says, channel, language)


def fitting(source: Source, language: Language) -> float:
    """Return which share of realistic texts takes no more parts than it should."""
    most = MOST_PARTS.get(language, 1)
    return sum(parts <= most for _, parts in tried(source, language)) / TRIED


def tried(source: Source, language: Language) -> Iterator[tuple[str, int]]:
    """Yield realistic texts, and the parts that each takes."""
    for number in range(TRIED):
        values = samples.of(source, language, Channel.SMS, number)
        forms = compose.text(source, [(language, values)], stop=number % _FIRST_OF == 0)
        text = forms[best_form(forms, language)]
        yield text, count_parts(text)


def named_needs(words: str) -> list[str]:
    """Return the beginnings of words that name a need which can harm."""
    padded = f" {bare(words)}"
    names = [bare(name) for each in RESTRICTED for name in (SHIPPED[each].en, SHIPPED[each].es)]
    return [each for each in (*_STEMS, *names) if f" {each}" in padded]


def _grades(source: Source, channel: Channel, language: Language) -> Iterator[float]:
    """Yield the grade of each of the forms that the words can take."""
    part = source.parts[channel, language]
    for values in samples.variants(source, language, channel):
        yield grade(_said(part.body, language, values), language)


def _said(words: str, language: Language, values: dict[str, Any]) -> str:
    return fill(words, language, values).strip(" :") + "."
