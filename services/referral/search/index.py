"""An index of a school's names, in memory: nothing of it is written or logged. Pure."""

import heapq
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.referral.search.names import (
    CALLED,
    EXACT,
    IN_ONE,
    ONE_TYPO,
    STARTS,
    TWO_TYPOS,
    Name,
    besides,
    distance,
    less,
    name_of,
    rank_in_full,
    score,
    together,
    typed,
    typos_forgiven,
)
from services.referral.search.nicknames import also_called


@dataclass(frozen=True, slots=True)
class Entry:
    """A child in the index, as of one version of the record.

    Attributes:
        enrolment: whether the child attends, as the record's code.
        left_on: since when not, as ISO 8601; None: attends, or nobody knows.
    """

    id: str
    version: int
    family: str
    given_name: str
    family_name: str
    grade: str | None
    rostered: bool
    enrolment: str
    left_on: str | None
    name: Name

    @classmethod
    def of(
        cls,
        *,
        id: str,
        version: int,
        family: str,
        given_name: str,
        family_name: str,
        grade: str | None = None,
        rostered: bool = False,
        enrolment: str = "enrolled",
        left_on: str | None = None,
    ) -> "Entry":
        """Return an entry with its name made ready."""
        name = name_of(given_name, family_name)
        return cls(
            id=id,
            version=version,
            family=family,
            given_name=given_name,
            family_name=family_name,
            grade=grade,
            rostered=rostered,
            enrolment=enrolment,
            left_on=left_on,
            name=name,
        )


class NameIndex:
    """The names of one school.

    Words are kept by length with a mask of their letters, so that most of those that are too far
    from a typed one are passed over without comparing letter by letter.

    Attributes:
        entries: by the child's id.
        changes: how often anything was entered or dropped: who has searched, and finds another
            number by the time of the answer, searches again.
    """

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.changes = 0
        self._having: dict[str, set[str]] = {}
        self._by_length: dict[int, dict[str, int]] = {}
        self._in_one: dict[tuple[int, str], set[str]] = {}
        self._sorted: list[str] | None = []

    def __len__(self) -> int:
        """Return how many children it holds."""
        return len(self.entries)

    def put(self, entry: Entry) -> None:
        """Enter a child, or what the record says now."""
        known = self.entries.get(entry.id)
        if known is not None and known.name != entry.name:
            self.drop(entry.id)
        self.entries[entry.id] = entry
        self.changes += 1
        for word in entry.name.all:
            if word not in self._having:
                self._having[word] = set()
                if word.startswith(IN_ONE):
                    self._in_one.setdefault(_place(word), set()).add(word)
                else:
                    self._by_length.setdefault(len(word), {})[word] = _mask(word)
                self._sorted = None
            self._having[word].add(entry.id)

    def drop(self, id: str) -> None:
        """Forget a child; words that nobody has any more are forgotten too."""
        entry = self.entries.pop(id, None)
        if entry is None:
            return
        self.changes += 1
        for word in set(entry.name.all):
            having = self._having[word]
            having.discard(id)
            if not having:
                del self._having[word]
                if word.startswith(IN_ONE):
                    self._in_one[_place(word)].discard(word)
                else:
                    del self._by_length[len(word)][word]
                self._sorted = None

    def search(self, query: str, limit: int, *, in_full: bool = False) -> list[Entry]:
        """Return the children whose names answer a query, the best first; `in_full`: typed so."""
        if in_full:
            return self._in_full(query, limit)
        words = typed(query)
        if not words:
            return []
        likes = {word: self._likes(word) for word in words}
        if len(words) == 1:
            return self._with_one(likes[words[0]], limit)
        worths = self._with_all([likes[word] for word in words])
        for tried in together(words):
            tables = [
                likes[word] if word in likes else self._likes(word, whole=False) for word in tried
            ]
            for id, worth in self._with_all(tables).items():
                worths[id] = max(worths.get(id, 0.0), less(worth))
        found = (
            (-worth, entry.family_name, entry.given_name, id)
            for id, worth in worths.items()
            for entry in (self.entries[id],)
            if worth > 0
        )
        return [self.entries[each[3]] for each in heapq.nsmallest(limit, found)]

    def _in_full(self, query: str, limit: int) -> list[Entry]:
        """Return those whose given name and family name were typed in full."""
        words = typed(query)
        whole = {*words, *(each for tried in together(words) for each in tried)}
        wanted = {
            each for word in whole for each in (word, IN_ONE + word, *also_called(word))
        } & self._having.keys()
        candidates: set[str] = set().union(*(self._having[each] for each in wanted))
        found = (
            (-worth, entry.family_name, entry.given_name, id)
            for id in candidates
            for entry in (self.entries[id],)
            if (worth := rank_in_full(query, entry.given_name, entry.family_name)) > 0
        )
        return [self.entries[each[3]] for each in heapq.nsmallest(limit, found)]

    def _with_all(self, likes: Sequence[Mapping[str, float]]) -> dict[str, float]:
        """Return the children in whose names every typed word finds something, and its worth."""
        groups = sorted((self._with_any(table) for table in likes), key=len)
        candidates = groups[0].intersection(*groups[1:])
        return {id: score(likes, self.entries[id].name) for id in candidates}

    def _with_one(self, likes: Mapping[str, float], limit: int) -> list[Entry]:
        """Answer one typed word: the best likeness first, and no further than the limit.

        The order is that of `score`; a school has thousands of children for two letters.
        """
        found: dict[str, Entry] = {}
        for like in sorted(set(likes.values()), reverse=True):
            having = self._with_any({word: like for word, its in likes.items() if its == like})
            alike = (
                (besides(entry.name, 1), entry.family_name, entry.given_name, id)
                for id in having
                if id not in found
                for entry in (self.entries[id],)
            )
            best = heapq.nsmallest(limit - len(found), alike)
            found |= {each[3]: self.entries[each[3]] for each in best}
            if len(found) >= limit:
                break
        return list(found.values())

    def _with_any(self, table: Mapping[str, float]) -> set[str]:
        return set().union(*(self._having[word] for word in table))

    def _likes(self, word: str, *, whole: bool = True) -> dict[str, float]:
        """Return what a typed word has to do with each word of the index; the rest is left out."""
        likes: dict[str, float] = {}
        most = typos_forgiven(word, whole=whole)
        if most:
            for other in self._near(word, most):
                typos = distance(word, other, most)
                if typos <= most:
                    likes[other] = ONE_TYPO if typos == 1 else TWO_TYPOS
            # Of words in one, which are many, those alone that begin with the same letter.
            for length in range(len(word) - 1, len(word) + 2):
                for other in self._in_one.get((length, word[0]), ()):
                    if distance(word, other[1:], 1) <= 1:
                        likes[other] = ONE_TYPO
        likes |= {each: CALLED for each in also_called(word) if each in self._having}
        for written in (word, IN_ONE + word):
            likes |= dict.fromkeys(self._starting(written), STARTS)
            if written in self._having:
                likes[written] = EXACT
        return likes

    def _near(self, word: str, most: int) -> Iterator[str]:
        mask = _mask(word)
        for length in range(len(word) - most, len(word) + most + 1):
            # A typo takes at most one letter of those that a word has, and brings one.
            for other, its in self._by_length.get(length, {}).items():
                if (mask & ~its).bit_count() <= most and (its & ~mask).bit_count() <= most:
                    yield other

    def _starting(self, start: str) -> list[str]:
        if self._sorted is None:
            self._sorted = sorted(self._having)
        first = bisect_left(self._sorted, start)
        last = bisect_left(self._sorted, start + "\U0010ffff", lo=first)
        return self._sorted[first:last]


def _place(word: str) -> tuple[int, str]:
    """Return the length and the first letter of words in one."""
    return len(word) - 1, word[1]


def _mask(word: str) -> int:
    mask = 0
    for letter in word:
        mask |= 1 << (ord(letter) & 31)
    return mask
