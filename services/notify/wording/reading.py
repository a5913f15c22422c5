"""How many years of school words ask for.

English: Flesch-Kincaid grade (Kincaid, Fishburne, Rogers, Chissom, *Derivation of new readability
formulas for Navy enlisted personnel*, 1975). Spanish: Crawford's grade (Alan N. Crawford, *Fórmula
y gráfico para determinar la comprensibilidad de textos de nivel primario en castellano*, Lectura y
Vida 5/4, 1984), made for the grades 1 to 6. Both count words, sentences and syllables. Pure.
"""

import re
import unicodedata

from contracts.codes import Language

HIGHEST_GRADE = 6.0

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_SENTENCE_END = re.compile(r"[.!?:;\n]+(?=\s|$)")

_STRONG = "aeoáéó"
_WEAK = "iuü"
_ACCENTED_WEAK = "íú"

_ENGLISH_VOWELS = re.compile(r"[aeiouy]+")
_SILENT_E = re.compile(r"(?:[^aeiouyl]|[aeiouy]l)e$")
_SILENT_ED = re.compile(r"[^aeiouytd]ed$")
_SILENT_ES = re.compile(r"[^aeiouysxzcg]es$")
_KNOWN_EN = {
    **dict.fromkeys(("people", "being", "someone", "something", "sometimes", "every"), 2),
    **dict.fromkeys(("idea", "area", "somebody", "everyone"), 3),
    "everybody": 4,
}
"""Words of ours that the rules below would miscount."""

_APART = re.compile(r"ia(?!l\b|n\b|t)|io(?!n|us)|iu|eo(?!us)|ea(?=te)|uou|ying|ower")


def grade(text: str, language: Language) -> float:
    """Return the grade of school at which words are read, 0 where there are none."""
    words = [each.lower() for each in _WORD.findall(text)]
    if not words:
        return 0.0
    sentences = sum(1 for each in _SENTENCE_END.split(text) if _WORD.search(each))
    if language is Language.SPANISH:
        syllables = sum(syllables_es(each) for each in words)
        return -0.205 * 100 * sentences / len(words) + 0.049 * 100 * syllables / len(words) - 3.407
    syllables = sum(syllables_en(each) for each in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


def syllables_es(word: str) -> int:
    """Return the syllables of a Spanish word: two strong vowels part, a weak one joins (RAE).

    An accent on a weak vowel parts it; `que`, `qui`, `gue`, `gui` have one vowel that sounds.
    """
    text = re.sub(r"(?<=[qg])u(?=[eiéí])", "", unicodedata.normalize("NFC", word))
    text = re.sub(r"y$", "i", text)
    count, before = 0, ""
    for letter in text:
        if letter in _STRONG or letter in _WEAK or letter in _ACCENTED_WEAK:
            if not before or _parts(before, letter):
                count += 1
            before = letter
        elif letter != "h" or not before:
            before = ""
    return max(count, 1)


def _parts(before: str, letter: str) -> bool:
    if before in _ACCENTED_WEAK or letter in _ACCENTED_WEAK:
        return True
    return before in _STRONG and letter in _STRONG


def syllables_en(word: str) -> int:
    """Return about how many syllables an English word has: groups of vowels, silent ones apart."""
    text = word.lower().replace("'", "").replace("\u2019", "")
    if text in _KNOWN_EN:
        return _KNOWN_EN[text]
    count = len(_ENGLISH_VOWELS.findall(text)) + len(_APART.findall(text))
    if _SILENT_E.search(text) or _SILENT_ED.search(text) or _SILENT_ES.search(text):
        count -= 1
    return max(count, 1)
