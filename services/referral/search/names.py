"""How well a name answers what somebody typed. Pure: no index, no clock, no database."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.referral.search.nicknames import also_called

EXACT, STARTS, CALLED, ONE_TYPO, TWO_TYPOS = 1.0, 0.9, 0.8, 0.7, 0.5
"""What a typed word and a word of the name have to do with each other, by what it is worth."""

IN_ONE = "+"
"""Before words of a name in one: `+joseangel` is not somebody's `joseangel`."""

_TAKEN_IN_ONE = 0.05
"""What it costs to take two typed words in one: the same found as typed comes first."""

MAX_WORDS = 6
"""Typed words that are looked at: no name needs more to be found."""

_ONE_FROM, _TWO_FROM = 4, 7
"""Letters of a typed word from which one typo, or two, are forgiven."""

_PARTICLES = frozenset(
    {"de", "del", "la", "las", "los", "y", "da", "do", "dos", "di", "van", "von", "der", "le"}
)
_INSIDE = re.compile("['`.\u00b4\u02bb\u02bc\u2018\u2019]")
"""Apostrophes as keyboards and rosters write them."""
_APART = re.compile(r"[^\w]+|_+")


@dataclass(frozen=True, slots=True)
class Name:
    """A child's name as it is searched.

    Attributes:
        words: each word of it, folded.
        joined: neighbours as people write them in one, each with `IN_ONE` before it: `+delacruz`,
            `+joseangel`. They count as no word more.
        spans: of each of `joined`, which of the words it takes, as bits.
    """

    words: tuple[str, ...]
    joined: tuple[str, ...] = ()
    spans: tuple[int, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Everything by which it is found."""
        return self.words + self.joined

    def takes(self, number: int) -> int:
        """Return which of the words something of `all` takes, as bits."""
        own = len(self.words)
        return 1 << number if number < own else self.spans[number - own]


def fold(text: str) -> str:
    """Return a text as it is searched: without case and accents, in any script."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in spread if not unicodedata.combining(letter))


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text, folded; `O'Brien` is one, `García-López` are two."""
    return tuple(each for each in _APART.split(fold(_INSIDE.sub("", text))) if each)


def name_of(given: str, family: str) -> Name:
    """Return a name as it is searched."""
    first, last = words_of(given), words_of(family)
    joined = dict([*_neighbours(first, 0), *_neighbours(last, len(first))])
    return Name(first + last, tuple(joined), tuple(joined.values()))


def _neighbours(words: Sequence[str], before: int) -> Iterable[tuple[str, int]]:
    """Yield two words in one, with the particles between them, and which words those are.

    `joseangel` and `mariadelcarmen`; `delacruz` and `lacruz` for `de la cruz`.
    """
    for first in range(len(words) - 1):
        run, bits = IN_ONE + words[first], 1 << before + first
        for place in range(first + 1, len(words)):
            run, bits = run + words[place], bits | 1 << before + place
            if words[place] not in _PARTICLES:
                yield run, bits
                break


def typed(text: str) -> tuple[str, ...]:
    """Return what is looked for. Particles are left aside where there is anything else."""
    words = words_of(text)[: MAX_WORDS * 2]
    telling = tuple(each for each in words if each not in _PARTICLES)
    return (telling or words)[:MAX_WORDS]


def together(words: Sequence[str]) -> Iterable[tuple[str, ...]]:
    """Yield typed words with two neighbours in one: `o brien` may be O'Brien, `ana sol` Anasol."""
    for first in range(len(words) - 1):
        yield (*words[:first], words[first] + words[first + 1], *words[first + 2 :])


def likeness(
    word: str, other: str, *, called: frozenset[str] | None = None, whole: bool = True
) -> float:
    """Return what a typed word and a word of a name have to do with each other; 0 for nothing.

    Args:
        word: as typed.
        other: of the name.
        called: `also_called(word)`, where the caller has it at hand.
        whole: as typed; two that are taken in one are forgiven one typo, as each was before.
    """
    if other.startswith(IN_ONE):
        return _likeness_in_one(word, other[1:])
    if word == other:
        return EXACT
    if other.startswith(word):
        return STARTS
    if other in (also_called(word) if called is None else called):
        return CALLED
    most = typos_forgiven(word, whole=whole)
    typos = distance(word, other, most) if most else most + 1
    if typos > most:
        return 0.0
    return ONE_TYPO if typos == 1 else TWO_TYPOS


def _likeness_in_one(word: str, other: str) -> float:
    """Return the same of words of a name in one: one typo, and not in the first letter."""
    if word == other:
        return EXACT
    if other.startswith(word):
        return STARTS
    near = len(word) >= _ONE_FROM and word[:1] == other[:1] and distance(word, other, 1) <= 1
    return ONE_TYPO if near else 0.0


def typos_forgiven(word: str, *, whole: bool = True) -> int:
    """Return how many typos a word of this length may have."""
    return (len(word) >= _ONE_FROM) + (whole and len(word) >= _TWO_FROM)


def distance(one: str, other: str, most: int) -> int:
    """Return how many letters were added, left out, changed or swapped; `most` + 1 for more.

    Optimal string alignment, a column of the table in the bits of a number (Hyyrö, "A bit-vector
    algorithm for computing Levenshtein and Damerau edit distances", 2003): thousands of words are
    compared for one that is typed.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    if not one or not other:
        return max(len(one), len(other))
    places: dict[str, int] = {}
    for place, letter in enumerate(one):
        places[letter] = places.get(letter, 0) | 1 << place
    whole, last = (1 << len(one)) - 1, 1 << (len(one) - 1)
    # Where going down the column adds one, and where it takes one away.
    more, less = whole, 0
    diagonal = before = 0
    typos = len(one)
    for letter in other:
        here = places.get(letter, 0)
        swapped = ((~diagonal & here) << 1) & before
        diagonal = (((here & more) + more) ^ more) | here | less | swapped
        across_more = less | ~(diagonal | more) & whole
        across_less = diagonal & more
        typos += bool(across_more & last) - bool(across_less & last)
        across_more = across_more << 1 | 1
        more = (across_less << 1 | ~(diagonal | across_more)) & whole
        less = across_more & diagonal & whole
        before = here
    return min(typos, most + 1)


def score(likes: Sequence[Mapping[str, float]], name: Name) -> float:
    """Return how well a name answers; 0 where one of the typed words finds nothing in it.

    Args:
        likes: for each typed word, what it has to do with words of names; those left out are 0.
        name: in question.

    Every typed word takes a word of the name that no other has taken: `García García` is not
    `García`. Names that have less besides come first.
    """
    return _scored(likes, name)[0]


def _scored(likes: Sequence[Mapping[str, float]], name: Name) -> tuple[float, int]:
    """Return how well a name answers, and which of its words were taken, as bits."""
    pairs = sorted(
        (
            (-like, place, number)
            for place, table in enumerate(likes)
            for number, word in enumerate(name.all)
            if (like := table.get(word, 0.0))
        )
    )
    taken = 0
    found: dict[int, float] = {}
    for like, place, number in pairs:
        words = name.takes(number)
        if place not in found and not taken & words:
            found[place] = -like
            taken |= words
    if len(found) < len(likes):
        return 0.0, taken
    return sum(found.values()) / len(likes) - 0.01 * besides(name, len(likes)), taken


def less(worth: float) -> float:
    """Return what an answer is worth that was found with two typed words taken in one."""
    return max(0.0, worth - _TAKEN_IN_ONE)


def besides(name: Name, words: int) -> int:
    """Return how many words a name has besides those typed; never enough to outweigh a likeness."""
    return min(5, max(0, len(name.words) - words))


def rank(query: str, given: str, family: str) -> float:
    """Return how well a child's name answers a query, from 0 (not at all) to 1."""
    name = name_of(given, family)
    words = typed(query)
    if not words:
        return 0.0

    def worth(tried: Sequence[str]) -> float:
        tables = [
            {each: likeness(word, each, whole=word in words) for each in name.all} for word in tried
        ]
        return score(tables, name)

    return max(worth(words), *(less(worth(each)) for each in together(words)), 0.0)


def rank_in_full(query: str, given: str, family: str) -> float:
    """Return how well a child's name answers one that was typed in full; 0 for not at all.

    Each typed word is a whole word of the name, or what somebody of that name is called; one is a
    given name and one a family name. Beginnings and typos find nobody: for a search that is to
    tell of no child whom the one who looks cannot name.
    """
    name, words = name_of(given, family), typed(query)
    givens = (1 << len(words_of(given))) - 1

    def worth(tried: Sequence[str]) -> float:
        value, taken = _scored([_in_full(word, name) for word in tried], name)
        return value if taken & givens and taken & ~givens else 0.0

    if not words:
        return 0.0
    return max(worth(words), *(less(worth(each)) for each in together(words)), 0.0)


def _in_full(word: str, name: Name) -> dict[str, float]:
    called = also_called(word)
    found = {each: CALLED for each in name.words if each in called}
    return found | dict.fromkeys({word, IN_ONE + word} & set(name.all), EXACT)
