"""Taken in, exported and taken in again, a directory says the same."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.partner.whole import LOCATION, SERVICE, WHOLE, Record, exported, taken, without_ids


def again(first: dict[str, list[Record]]) -> dict[str, list[Record]]:
    """Return the export of what an export brings."""
    return exported(taken(first, "back"))


def test_a_directory_that_says_all_comes_back_with_all_that_it_said() -> None:
    told = exported(taken(WHOLE, "first"))
    (one,) = [each for each in told["services"] if each["name"] == "Check-ups"]
    for name, said in SERVICE.items():
        if name not in _SAID_OTHERWISE:
            assert without_ids(one[name]) == without_ids(said), name
    (placed,) = one["service_at_locations"]
    assert placed["description"] == "Second door"
    for name, said in LOCATION.items():
        if name not in {*_SAID_OTHERWISE, "accessibility"}:
            assert without_ids(placed["location"][name]) == without_ids(said), name
    assert [each["description"] for each in placed["location"]["accessibility"]] == [
        "Ramp At the side."
    ]


_SAID_OTHERWISE = frozenset(
    {"id", "organization_id", "program_id", "phones", "contacts", "schedules", "attributes"}
    | {"languages", "service_at_locations"}
)
"""Fields of which Enlace says more, or in other words; each has its own test below."""


def test_telephones_come_back_as_they_were_written() -> None:
    told = exported(taken(WHOLE, "first"))
    organization = next(e for e in told["organizations"] if e["name"] == "Marisol Clinic")
    first, second = organization["phones"]
    assert (first["number"], first["extension"]) == ("(510) 555-0101", 12)
    assert (second["number"], second["description"]) == ("call the desk", "ext. 007")
    assert "extension" not in second
    assert first["languages"][0]["note"] == "Mornings"
    service = next(e for e in told["services"] if e["name"] == "Check-ups")
    assert [(e["number"], e["type"]) for e in service["phones"]] == [("+1 510 555 0104", "fax")]
    there = service["service_at_locations"][0]["location"]["phones"]
    assert [e["number"] for e in there] == ["510-555-0102", "510.555.0103"]


def test_people_come_back_where_they_are_asked_for() -> None:
    told = exported(taken(WHOLE, "first"))
    organization = next(e for e in told["organizations"] if e["name"] == "Marisol Clinic")
    service = next(e for e in told["services"] if e["name"] == "Check-ups")
    assert [(e["name"], e["title"], e["department"]) for e in organization["contacts"]] == [
        ("Invented Director", "Director", "Front office")
    ]
    (hygienist,) = service["contacts"]
    assert (hygienist["title"], hygienist["phones"][0]["number"]) == ("Hygienist", "+15105550105")


def test_what_recurs_as_the_standard_cannot_say_is_said_as_it_can() -> None:
    told = exported(taken(WHOLE, "first"))
    service = next(e for e in told["services"] if e["name"] == "Check-ups")
    (daily,) = [e for e in service["schedules"] if e.get("opens_at") == "07:00:00"]
    assert (daily["freq"], daily["byday"]) == ("WEEKLY", "MO,TU,WE,TH,FR,SA,SU")
    (yearly,) = [e for e in service["schedules"] if e.get("notes") == "Closed"]
    assert (yearly["freq"], yearly["interval"]) == ("MONTHLY", 12)
    (weekly,) = [e for e in service["schedules"] if e.get("notes") == "Ring twice."]
    assert weekly["attending_type"] == "In person"
    assert weekly["dtstart"] == "2026-08-03"


def test_terms_keep_their_tree_and_no_reference_leads_nowhere() -> None:
    told = exported(taken(WHOLE, "first"))
    terms = {each["id"]: each for each in told["taxonomy_terms"]}
    (dental,) = [each for each in terms.values() if each["name"] == "Dental Care"]
    assert terms[dental["parent_id"]]["name"] == "Health"
    alone = exported(taken({**WHOLE, "taxonomy_terms": []}, "first"))
    assert all("parent_id" not in each for each in alone["taxonomy_terms"])
    organizations = {each["id"]: each for each in told["organizations"]}
    parents = [each.get("parent_organization_id") for each in organizations.values()]
    assert [organizations[each]["name"] for each in parents if each] == ["Bay Health"]


def test_the_whole_of_a_directory_survives_being_exported_and_taken_in() -> None:
    first = exported(taken(WHOLE, "first"))
    assert without_ids(again(first)) == without_ids(first)


def test_the_order_of_rows_does_not_matter() -> None:
    def turned(said: Any) -> Any:
        match said:
            case dict():
                return {name: turned(value) for name, value in said.items()}
            case list():
                return [turned(each) for each in reversed(said)]
            case _:
                return said

    first, again = taken(WHOLE, "first"), taken(turned(WHOLE), "first")
    by_id = {each.id: each for each in again.services}
    for each in first.services:
        assert by_id[each.id].listing == each.listing
        assert by_id[each.id].terms == each.terms


WORDS = st.text("aáñ xyz-:5", min_size=1, max_size=12).map(str.strip).filter(bool)
MAYBE = st.none() | WORDS
DAYS = st.sampled_from(["2026-01-31", "2026-02-30", "2027-06-30", "soon"])
TIMES = st.sampled_from(["08:00", "9:30 am", "17:00", "24:99"])
NUMBERS = st.sampled_from(
    ["(510) 555-0101", "510.555.0102 x7", "+15105550103", "555", "call", '"510 555 0104"']
)


def record(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Record]:
    """Return records with some of these fields, each with an id of its own within its list."""
    return st.fixed_dictionaries({}, optional=fields)


def listed(kind: str, each: st.SearchStrategy[Record]) -> st.SearchStrategy[list[Record]]:
    """Return short lists of records with ids."""
    return st.lists(each, max_size=3).map(
        lambda found: [{"id": f"{kind}{at}", **one} for at, one in enumerate(found)]
    )


LANGUAGES = record(name=WORDS, code=st.sampled_from(["es", "mam", "no code", "VI"]), note=WORDS)
PHONES = record(
    number=NUMBERS,
    extension=st.sampled_from(["7", "007", "two"]),
    type=st.sampled_from(["voice", "text"]),
    description=MAYBE,
    languages=listed("pl", LANGUAGES),
)
SCHEDULES = record(
    freq=st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY", "OFTEN"]),
    interval=st.sampled_from([1, 2]),
    byday=st.sampled_from(["MO", "TU,FR", "1MO", "X"]),
    bymonthday=st.sampled_from(["1", "15,31"]),
    opens_at=TIMES,
    closes_at=TIMES,
    valid_from=DAYS,
    valid_to=DAYS,
    dtstart=DAYS,
    until=DAYS,
    description=MAYBE,
    notes=MAYBE,
)
ADDRESSES = record(
    address_1=WORDS,
    address_2=WORDS,
    city=WORDS,
    region=WORDS,
    state_province=WORDS,
    postal_code=WORDS,
    country=st.just("US"),
    address_type=st.sampled_from(["physical", "postal", "lunar"]),
)
LOCATIONS = record(
    location_type=st.sampled_from(["physical", "virtual"]),
    name=WORDS,
    description=WORDS,
    latitude=st.sampled_from([37.5, 95, 0]),
    longitude=st.sampled_from([-122.5, 0]),
    addresses=listed("a", ADDRESSES),
    phones=listed("lp", PHONES),
    schedules=listed("lh", SCHEDULES),
)
CONTACTS = record(
    name=WORDS,
    title=WORDS,
    department=WORDS,
    email=st.sampled_from(["one@example.org", "none"]),
    phones=listed("cp", record(number=NUMBERS, type=st.sampled_from(["cell", "voice"]))),
)
TAXONOMY = st.sampled_from(["Open Eligibility", "Their own", None])
ATTRIBUTES = record(
    taxonomy_term=st.builds(
        lambda at, taxonomy, parent: {
            "id": f"t{at}",
            "code": f"106-0{at}",
            "name": f"Term {at}",
            **({"taxonomy": taxonomy} if taxonomy else {}),
            **({"parent_id": f"t{parent}"} if parent is not None else {}),
        },
        st.integers(0, 3),
        TAXONOMY,
        st.none() | st.integers(0, 4),
    )
)
SERVICES = record(
    description=WORDS,
    status=st.sampled_from(["active", "inactive", "defunct", "temporarily closed", "asleep"]),
    interpretation_services=st.sampled_from(["Spanish", "None"]),
    fees_description=st.sampled_from(["Free", "Sliding scale", "Ask"]),
    minimum_age=st.sampled_from([3, 5.5, 999]),
    assured_date=DAYS,
    program_id=st.sampled_from(["o0g0", "o0g9"]),
    phones=listed("sp", PHONES),
    contacts=listed("c", CONTACTS),
    schedules=listed("h", SCHEDULES),
    languages=listed("n", LANGUAGES),
    service_areas=listed("r", record(name=WORDS, extent=st.sampled_from(["94601", "East"]))),
    required_documents=listed("d", record(document=WORDS)),
    cost_options=listed(
        "k", record(option=WORDS, amount=st.sampled_from([0, 12.5, -1]), currency=st.just("USD"))
    ),
    attributes=listed("b", ATTRIBUTES),
    service_at_locations=listed("j", record(description=WORDS, location=LOCATIONS)),
)
ORGANIZATIONS = record(
    alternate_name=WORDS,
    description=WORDS,
    email=st.just("desk@example.org"),
    parent_organization_id=st.sampled_from(["o0", "o1", "o2", "o7"]),
    phones=listed("op", PHONES),
    contacts=listed("oc", CONTACTS),
    programs=listed("g", record(name=WORDS, description=WORDS)),
    services=listed("s", SERVICES),
)


def named(organizations: list[Record]) -> list[Record]:
    """Return organizations whose records have names, and ids of their own in the whole package."""
    return [_own(each, f"o{at}", {"name": f"Agency {at}"}) for at, each in enumerate(organizations)]


def _own(record: Record, id: str, also: Record) -> Record:
    made = {**also, **record, "id": id}
    for name, value in record.items():
        if isinstance(value, list):
            made[name] = [
                _own(each, f"{id}{each['id']}", {"name": f"S {at}"} if name == "services" else {})
                for at, each in enumerate(value)
            ]
        elif name == "location":
            made[name] = _own(value, f"{id}l", {})
    return made


@settings(deadline=None, max_examples=40)
@given(st.lists(ORGANIZATIONS, min_size=1, max_size=3).map(named))
def test_whatever_a_directory_says_survives_being_exported_and_taken_in(
    organizations: list[Record],
) -> None:
    first = exported(taken({"organizations": organizations}, "first"))
    assert without_ids(again(first)) == without_ids(first)
