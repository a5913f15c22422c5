"""How names answer: expectations written by hand."""

import random

import pytest

from services.referral.search.index import Entry, NameIndex
from services.referral.search.names import distance, name_of, rank, rank_in_full, typed, words_of


@pytest.mark.parametrize(
    ("query", "given", "family"),
    [
        # accents and case
        ("jose ramirez", "José", "Ramírez"),
        ("JOSÉ RAMÍREZ", "Jose", "Ramirez"),
        ("nunez", "Iván", "Núñez"),
        # either order
        ("Ramírez Ana", "Ana", "Ramírez"),
        ("Ramírez, Ana", "Ana", "Ramírez"),
        # beginnings
        ("ana ram", "Ana", "Ramírez"),
        ("guad", "María Guadalupe", "Soto"),
        # nicknames, both ways and both languages
        ("pepe soto", "José", "Soto"),
        ("jose soto", "Pepe", "Soto"),
        ("lupe", "María Guadalupe", "Soto"),
        ("lupita soto", "Lupe", "Soto"),
        ("bill carter", "William", "Carter"),
        ("will carter", "Bill", "Carter"),
        ("nacho", "Ignacio", "Prado"),
        ("beto", "Roberto", "Prado"),
        ("beto", "Humberto", "Prado"),
        # typos by length
        ("rmirez", "Ana", "Ramírez"),
        ("ramires", "Ana", "Ramírez"),
        ("ramriez", "Ana", "Ramírez"),
        ("remires", "Ana", "Ramírez"),
        ("gonsales", "Luz", "González"),
        ("soso", "Luz", "Soto"),
        # double surnames and hyphens
        ("garcia lopez", "Luz", "García-López"),
        ("garcia-lopez", "Luz", "García López"),
        ("lopez garcia", "Luz", "García López"),
        ("garcialopez", "Luz", "García-López"),
        ("lopez", "Luz", "García López"),
        ("jeanluc", "Jean-Luc", "Picot"),
        ("jean luc", "Jean-Luc", "Picot"),
        # particles and apostrophes
        ("cruz", "Luz", "de la Cruz"),
        ("de la cruz", "Luz", "Cruz"),
        ("delacruz", "Luz", "de la Cruz"),
        ("obrien", "Sean", "O\u2019Brien"),
        ("o'brien", "Sean", "OBrien"),
        ("dangelo", "Mia", "D'Angelo"),
        # written together or apart
        ("joseangel", "José Ángel", "Soto"),
        ("joseangel soto", "José Ángel", "Soto"),
        ("juanpablo", "Juan Pablo", "Prado"),
        ("maryann", "Mary Ann", "Carter"),
        ("mariadelcarmen", "María del Carmen", "Soto"),
        ("o brien", "Sean", "O'Brien"),
        ("sean o brien", "Sean", "O'Brien"),
        ("d angelo mia", "Mia", "D'Angelo"),
        ("ana sol", "Anasol", "Prado"),
        ("ana sol", "Anna", "Sol"),
        ("josangel", "José Ángel", "Soto"),
        ("garcialopes", "Luz", "García-López"),
        ("jose angel", "Joseangel", "Soto"),
    ],
)
def test_a_name_is_found(query: str, given: str, family: str) -> None:
    assert rank(query, given, family) > 0


@pytest.mark.parametrize(
    ("query", "given", "family"),
    [
        ("", "Ana", "Ramírez"),
        ("ana lopez", "Ana", "Ramírez"),  # every word counts
        ("eli", "Ema", "Soto"),  # three letters forgive nothing
        ("sota", "Ana", "Sitio"),
        ("rimerez", "Ana", "Ramos"),
        ("amirez", "Ana", "Lamas"),
        ("garcia garcia", "Luz", "García"),  # one word answers one word
        ("pepe", "Pablo", "Soto"),
        ("gustavo", "Octavio", "Prado"),  # both are Tavo, and not each other
        ("mirez", "Ana", "Sol"),
        ("garcia garcia", "Luz", "García López"),  # a word in two guises is one word
        ("ana soto", "Ana", "Sosa"),  # two in one forgive no more than each did
        ("jose jose", "José Ángel", "Soto"),
    ],
)
def test_a_name_is_not_found(query: str, given: str, family: str) -> None:
    assert rank(query, given, family) == 0


@pytest.mark.parametrize(
    ("query", "given", "family"),
    [
        ("ana ramirez", "Ana", "Ramírez"),
        ("RAMÍREZ, Ana", "Ana", "Ramirez"),
        ("pepe garcia", "José", "García López"),
        ("lopez jose", "José Ángel", "García-López"),
        ("joseangel soto", "José Ángel", "Soto"),
        ("ana de la cruz", "Ana", "De La Cruz"),
        ("sean o brien", "Sean", "O'Brien"),
        ("garcia garcia luz", "Luz", "García García"),
    ],
)
def test_a_name_that_was_typed_in_full_is_found(query: str, given: str, family: str) -> None:
    assert rank_in_full(query, given, family) > 0


@pytest.mark.parametrize(
    ("query", "given", "family"),
    [
        ("ma ga", "María", "García"),
        ("an ramirez", "Ana", "Ramírez"),
        ("ana ramire", "Ana", "Ramírez"),
        ("ana ramires", "Ana", "Ramírez"),  # a typo is another name
        ("jose angel", "José Ángel", "Soto"),  # two given names and no family name
        ("soto prado", "Ana", "Soto Prado"),
        ("joseangel", "José Ángel", "Soto"),
        ("ana", "Ana", "Soto"),
        ("ana soto prado", "Ana", "Soto"),  # one word too many is another child
        ("josea soto", "José Ángel", "Soto"),
        ("", "Ana", "Soto"),
    ],
)
def test_a_part_of_a_name_is_not_the_name_in_full(query: str, given: str, family: str) -> None:
    assert rank_in_full(query, given, family) == 0


def test_exact_comes_before_beginnings_nicknames_and_typos() -> None:
    names = [
        ("Marta", "Soto"),  # one typo
        ("Mariana", "Soto"),  # beginning
        ("Mary", "Soto"),  # nickname
        ("María", "Soto"),  # exact
    ]
    order = sorted(names, key=lambda name: -rank("maria", *name))
    assert order == [("María", "Soto"), ("Mariana", "Soto"), ("Mary", "Soto"), ("Marta", "Soto")]


def test_a_name_with_less_besides_comes_first() -> None:
    assert rank("ana soto", "Ana", "Soto") == 1.0
    assert rank("ana soto", "Ana", "Soto") > rank("ana soto", "Ana Luz", "Soto Prado")


def test_garcia_garcia_is_found_by_both_its_words() -> None:
    assert rank("garcia garcia", "Luz", "García García") > 0


@pytest.mark.parametrize(
    ("one", "other", "most", "typos"),
    [
        ("soto", "soto", 1, 0),
        ("soto", "sota", 1, 1),
        ("soto", "sto", 1, 1),
        ("soto", "stoo", 1, 1),  # swapped
        ("soto", "stota", 2, 2),
        ("soto", "prado", 2, 3),
        ("a", "abcd", 2, 3),
        ("", "ab", 2, 2),
    ],
)
def test_typos_are_counted_up_to_what_is_forgiven(
    one: str, other: str, most: int, typos: int
) -> None:
    assert distance(one, other, most) == typos
    assert distance(other, one, most) == typos


def by_table(one: str, other: str) -> int:
    """The same distance the plain way: the whole table, as the textbook has it."""
    table = [[row + place for place in range(len(other) + 1)] for row in range(len(one) + 1)]
    for row in range(1, len(one) + 1):
        for place in range(1, len(other) + 1):
            same = one[row - 1] == other[place - 1]
            best = min(
                table[row - 1][place] + 1,
                table[row][place - 1] + 1,
                table[row - 1][place - 1] + (not same),
            )
            if min(row, place) > 1 and one[row - 2 : row] == other[place - 2 : place][::-1]:
                best = min(best, table[row - 2][place - 2] + 1)
            table[row][place] = best
    return table[-1][-1]


def test_typos_are_counted_as_the_textbook_counts_them() -> None:
    chance = random.Random(3)
    for _ in range(20_000):
        one = "".join(chance.choices("abc", k=chance.randrange(9)))
        other = "".join(chance.choices("abc", k=chance.randrange(9)))
        assert distance(one, other, 2) == min(by_table(one, other), 3), (one, other)


def test_words_are_folded_and_particles_left_aside_where_there_is_more() -> None:
    assert words_of("  O\u2019Brien-Núñez  ") == ("obrien", "nunez")
    assert typed("de la Cruz") == ("cruz",)
    assert typed("de la") == ("de", "la")
    cruz = name_of("Luz", "de la Cruz")
    assert (cruz.joined, cruz.spans) == (("+delacruz", "+lacruz"), (0b1110, 0b1100))
    assert name_of("José Ángel", "Soto").joined == ("+joseangel",)


def entry(id: str, given: str, family: str, version: int = 1) -> Entry:
    return Entry.of(id=id, version=version, family="f", given_name=given, family_name=family)


GIVEN = (
    *("Ana", "José", "María", "Guadalupe", "Pepe", "William", "Bill", "Jean-Luc", "Luz"),
    *("Iván", "Roberto", "Beto", "Sofía"),
)
FAMILY = (
    *(
        "de la Cruz",
        "Ramírez",
        "García-López",
        "Soto",
        "Núñez",
        "O\u2019Brien",
        "Carter",
        "González",
    ),
    *("Ramos", "Sato", "Lopez"),
)


def test_the_index_finds_what_the_ranking_finds_in_its_order() -> None:
    chance = random.Random(7)
    index = NameIndex()
    names = {
        f"id-{n:03}": (
            " ".join(chance.sample(GIVEN, chance.choice([1, 1, 2]))),
            " ".join(chance.sample(FAMILY, chance.choice([1, 2]))),
        )
        for n in range(300)
    }
    for id, (given, family) in names.items():
        index.put(entry(id, given, family))
    asked = ["ana", "pepe soto", "garcia lopez", "gonsales", "ma", "lopez ana", "bill", "jo ra"]
    asked += ["mariaguadalupe", "jeanluc", "o brien", "gonz alez", "garcialopes", "luz maria soto"]
    for query in asked:
        worth = {id: rank(query, *name) for id, name in names.items()}
        best = sorted(
            (id for id in names if worth[id] > 0),
            key=lambda id: (-round(worth[id], 9), names[id][1], names[id][0], id),
        )
        assert [each.id for each in index.search(query, 25)] == best[:25], query


def test_in_full_the_index_finds_what_the_ranking_finds_in_its_order() -> None:
    chance = random.Random(8)
    index = NameIndex()
    names = {
        f"id-{n:03}": (chance.choice(GIVEN), " ".join(chance.sample(FAMILY, chance.choice([1, 2]))))
        for n in range(300)
    }
    for id, name in names.items():
        index.put(entry(id, *name))
    found = 0
    asked = [f"{given} {family}".casefold() for given, family in names.values()]
    for query in [*asked, "pepe soto", "ma garcia", "garcialopez luz", "jean luc ramos"]:
        worth = {id: rank_in_full(query, *name) for id, name in names.items()}
        best = sorted(
            (id for id in names if worth[id] > 0),
            key=lambda id: (-worth[id], names[id][1], names[id][0], id),
        )
        assert [each.id for each in index.search(query, 25, in_full=True)] == best[:25], query
        found += bool(best)
    assert found >= len(asked)


def test_a_child_who_was_dropped_or_renamed_is_found_no_more() -> None:
    index = NameIndex()
    index.put(entry("a", "Ana", "Soto"))
    index.put(entry("b", "Ana", "Prado"))
    index.put(entry("a", "Eva", "Soto", version=2))
    assert [each.id for each in index.search("ana", 10)] == ["b"]
    assert [each.version for each in index.search("eva", 10)] == [2]
    index.drop("b")
    index.drop("b")
    assert index.search("ana", 10) == []
    assert index.search("pra", 10) == []
    assert index.search("pardo", 10) == []
    assert len(index) == 1
