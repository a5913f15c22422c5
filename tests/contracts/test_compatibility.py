"""Each kind of change, with what a person is told, written by hand."""

from typing import Any

import pytest

from contracts.generate.compatibility import breaks
from tests.contracts.builders import release, thing

TEXT = {"type": "string"}
NULL = {"type": "null"}
NUMBER = {"type": "integer"}
DAY = {"type": "string", "format": "date"}
MOMENT = {"type": "string", "format": "date-time"}

AT = "topic things, org.enlace.thing.moved.v1"
NEW_FORM = (
    "A new form is a class of type org.enlace.thing.moved.v2 beside it, with an upcast from .v1."
)
BACK = f"Put it back. {NEW_FORM}"


def codes(*listed: str) -> dict[str, Any]:
    """A list of codes that may grow."""
    return {"type": "string", "enum": list(listed), "x-open-codes": True}


def closed(*listed: str) -> dict[str, Any]:
    """A list of codes that may not."""
    return {"type": "string", "enum": list(listed)}


def told(old: dict[str, Any] | None, new: dict[str, Any] | None) -> list[str]:
    """What is said when one schema follows another."""
    return [str(one) for one in breaks(release(old), release(new))]


class TestCompatible:
    @pytest.mark.parametrize(
        ("old", "new"),
        [
            pytest.param(thing({"a": TEXT}), thing({"a": TEXT}), id="nothing"),
            pytest.param(thing({}), thing({"a": TEXT}), id="an optional field"),
            pytest.param(
                thing({"a": thing({})}), thing({"a": thing({"b": TEXT})}), id="one in a part"
            ),
            pytest.param(thing({"a": codes("x")}), thing({"a": codes("x", "y")}), id="a code"),
            pytest.param(thing({"a": codes("x", "y")}), thing({"a": codes("y", "x")}), id="order"),
            pytest.param(
                thing({"a": TEXT}, required=["a"], title="Moved"),
                thing({"a": {**TEXT, "description": "Better."}}, required=["a"], title="Went"),
                id="words",
            ),
            pytest.param(
                thing({"a": {"$ref": "#/$defs/Old"}}, **{"$defs": {"Old": thing({"b": TEXT})}}),
                thing({"a": {"$ref": "#/$defs/New"}}, **{"$defs": {"New": thing({"b": TEXT})}}),
                id="a definition renamed",
            ),
            pytest.param(
                thing({"a": {"$ref": "#/$defs/Old"}}, **{"$defs": {"Old": thing({"b": TEXT})}}),
                thing({"a": thing({"b": TEXT})}),
                id="a definition written out",
            ),
            pytest.param(
                thing({"a": {"anyOf": [TEXT, NULL]}}),
                thing({"a": {"type": ["string", "null"]}}),
                id="null said otherwise",
            ),
            pytest.param(
                thing({"a": {"anyOf": [TEXT, NUMBER]}}),
                thing({"a": {"anyOf": [NUMBER, TEXT]}}),
                id="order of alternatives",
            ),
        ],
    )
    def test_says_nothing(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        assert told(old, new) == []

    def test_a_new_type_says_nothing(self) -> None:
        assert told(None, thing({"a": TEXT}, required=["a"])) == []

    def test_a_new_topic_says_nothing(self) -> None:
        new = release(None)
        new["topics"]["others"] = {"owner": "notify", "key": ["other"], "partitions": 12}

        assert breaks(release(None), new) == []

    def test_a_part_that_holds_its_own_kind_ends(self) -> None:
        tree = {"Tree": thing({"left": {"anyOf": [{"$ref": "#/$defs/Tree"}, NULL]}})}
        forest = {"Forest": thing({"left": {"anyOf": [{"$ref": "#/$defs/Forest"}, NULL]}})}

        assert (
            told(
                thing({"a": {"$ref": "#/$defs/Tree"}}, **{"$defs": tree}),
                thing({"a": {"$ref": "#/$defs/Forest"}}, **{"$defs": forest}),
            )
            == []
        )


class TestTypes:
    def test_removed(self) -> None:
        assert told(thing({}), None) == [
            (
                f"{AT}: the type was removed. Put the class back, since its records stay for ever. "
                f"{NEW_FORM}"
            )
        ]

    def test_moved_to_another_topic(self) -> None:
        found = breaks(release(thing({})), release(thing({}), topic="others"))

        assert [str(one) for one in found] == [f"{AT}: the type moved to topic others. {BACK}"]


class TestTopics:
    def test_removed(self) -> None:
        new = release(None)
        new["topics"] = {}

        assert [str(one) for one in breaks(release(None), new)] == [
            (
                "topic things: the topic was removed. "
                "Put it back: its records stay, and so do its readers."
            )
        ]

    def test_key_changed(self) -> None:
        found = breaks(release(None), release(None, key=("thing", "site")))

        assert [str(one) for one in found] == [
            (
                "topic things: the key changed from thing to thing@site. "
                "Put it back: order is kept per key. Another key needs another topic."
            )
        ]

    def test_partitions_changed(self) -> None:
        found = breaks(release(None), release(None, partitions=24))

        assert [str(one) for one in found] == [
            (
                "topic things: partitions changed from 12 to 24. "
                "Put them back: a key must never move to another partition."
            )
        ]

    def test_owner_changed(self) -> None:
        found = breaks(release(None), release(None, owner="partner"))

        assert [str(one) for one in found] == [
            (
                "topic things: the owner changed from referral to partner. "
                "Put it back: only one service may number a topic's events."
            )
        ]


class TestFields:
    def test_removed(self) -> None:
        assert told(thing({"a": TEXT}), thing({})) == [f"{AT}, field a: it was removed. {BACK}"]

    def test_removed_from_a_part_in_a_list(self) -> None:
        def listed(*fields: str) -> dict[str, Any]:
            part = thing(dict.fromkeys(fields, TEXT))
            items = {"type": "array", "items": {"$ref": "#/$defs/Part"}}
            return thing({"parts": items}, **{"$defs": {"Part": part}})

        assert told(listed("a", "b"), listed("b")) == [
            f"{AT}, field parts[].a: it was removed. {BACK}"
        ]

    def test_removed_from_a_part_that_stands_in_two_places_is_told_twice(self) -> None:
        def twice(*fields: str) -> dict[str, Any]:
            part = thing(dict.fromkeys(fields, TEXT))
            ref = {"$ref": "#/$defs/Part"}
            return thing({"one": ref, "two": ref}, **{"$defs": {"Part": part}})

        assert told(twice("a"), twice()) == [
            f"{AT}, field one.a: it was removed. {BACK}",
            f"{AT}, field two.a: it was removed. {BACK}",
        ]

    def test_removed_from_a_part_that_may_be_null(self) -> None:
        def nullable(*fields: str) -> dict[str, Any]:
            part = thing(dict.fromkeys(fields, TEXT))
            choice = {"anyOf": [{"$ref": "#/$defs/Part"}, NULL], "default": None}
            return thing({"a": choice}, **{"$defs": {"Part": part}})

        assert told(nullable("b"), nullable()) == [f"{AT}, field a.b: it was removed. {BACK}"]

    def test_became_required(self) -> None:
        assert told(thing({"a": TEXT}), thing({"a": TEXT}, required=["a"])) == [
            f"{AT}, field a: it was optional and is now required. {BACK}"
        ]

    def test_became_optional(self) -> None:
        assert told(thing({"a": TEXT}, required=["a"]), thing({"a": TEXT})) == [
            f"{AT}, field a: it was always there and is now optional. {BACK}"
        ]

    def test_new_and_required(self) -> None:
        assert told(thing({}), thing({"a": TEXT}, required=["a"])) == [
            (
                f"{AT}, field a: it is new and required, and older records lack it. "
                f"Give it a default. {NEW_FORM}"
            )
        ]

    def test_renamed_is_a_removal_and_a_new_one(self) -> None:
        assert told(thing({"a": TEXT}, required=["a"]), thing({"b": TEXT}, required=["b"])) == [
            f"{AT}, field a: it was removed. {BACK}",
            (
                f"{AT}, field b: it is new and required, and older records lack it. "
                f"Give it a default. {NEW_FORM}"
            ),
        ]

    def test_absence_means_something_else(self) -> None:
        old, new = {**TEXT, "default": "x"}, {**TEXT, "default": "y"}

        assert told(thing({"a": old}), thing({"a": new})) == [
            f"{AT}, field a: what its absence means changed from 'x' to 'y'. {BACK}"
        ]


class TestValues:
    @pytest.mark.parametrize(
        ("old", "new", "what"),
        [
            (TEXT, NUMBER, "a: its type changed from string to integer"),
            (NUMBER, {"type": "number"}, "a: its type changed from integer to number"),
            (TEXT, thing({}), "a: its type changed from string to object"),
            (TEXT, {"anyOf": [TEXT, NUMBER]}, "a: its type changed from string to one of several"),
            ({"anyOf": [TEXT, NULL]}, TEXT, "a: it could be null and no longer can"),
            (TEXT, {"anyOf": [TEXT, NULL]}, "a: it could not be null and now can"),
            (DAY, MOMENT, "a: its format changed from date to date-time"),
            (TEXT, DAY, "a: its format changed from none to date"),
            (MOMENT, TEXT, "a: its format changed from date-time to none"),
            (TEXT, {**TEXT, "maxLength": 9}, "a: its maxLength changed from none to 9"),
            (
                {**NUMBER, "minimum": 0},
                {**NUMBER, "minimum": 1},
                "a: its minimum changed from 0 to 1",
            ),
            (
                {**TEXT, "contentEncoding": "base64"},
                TEXT,
                "a: its contentEncoding changed from base64 to none",
            ),
            (
                {"type": "array", "items": TEXT},
                {"type": "array", "items": NUMBER},
                "a[]: its type changed from string to integer",
            ),
            (
                {"type": "array", "prefixItems": [TEXT, DAY]},
                {"type": "array", "prefixItems": [TEXT, MOMENT]},
                "a[1]: its format changed from date to date-time",
            ),
            (
                {"type": "array", "prefixItems": [TEXT]},
                {"type": "array", "prefixItems": [TEXT, TEXT]},
                "a[1]: what it holds was stated on one side only",
            ),
            (
                {"type": "object", "additionalProperties": TEXT},
                {"type": "object", "additionalProperties": NUMBER},
                "a{}: its type changed from string to integer",
            ),
            (
                {"anyOf": [TEXT, NUMBER, DAY]},
                {"anyOf": [TEXT, NUMBER]},
                "a: an alternative (string) was removed or changed",
            ),
            (
                {"anyOf": [TEXT, NUMBER]},
                {"anyOf": [TEXT, NUMBER, NULL, {"type": "boolean"}]},
                "a: it could not be null and now can",
            ),
        ],
    )
    def test_changed(self, old: dict[str, Any], new: dict[str, Any], what: str) -> None:
        assert told(thing({"a": old}), thing({"a": new}))[0] == f"{AT}, field {what}. {BACK}"


class TestCodes:
    def test_removed(self) -> None:
        assert told(thing({"a": codes("x", "y")}), thing({"a": codes("x")})) == [
            (
                f"{AT}, field a: the code 'y' was removed. "
                "Put it back: a code that is no longer used stays listed."
            )
        ]

    def test_removed_from_a_list_inside_a_list(self) -> None:
        def many(*listed: str) -> dict[str, Any]:
            items = {"type": "array", "items": {"$ref": "#/$defs/Need"}}
            return thing({"needs": items}, **{"$defs": {"Need": codes(*listed)}})

        assert told(many("x", "y"), many("y")) == [
            (
                f"{AT}, field needs[]: the code 'x' was removed. "
                "Put it back: a code that is no longer used stays listed."
            )
        ]

    def test_added_to_a_list_that_may_not_grow(self) -> None:
        assert told(thing({"a": closed("x")}), thing({"a": closed("x", "y")})) == [
            f"{AT}, field a: the code 'y' was added to a list that may not grow. {BACK}"
        ]

    def test_a_constant_that_became_another(self) -> None:
        old, new = {"type": "string", "const": "x"}, {"type": "string", "const": "y"}

        assert told(thing({"a": old}), thing({"a": new})) == [
            (
                f"{AT}, field a: the code 'x' was removed. "
                "Put it back: a code that is no longer used stays listed."
            ),
            f"{AT}, field a: the code 'y' was added to a list that may not grow. {BACK}",
        ]

    def test_a_list_that_may_no_longer_grow(self) -> None:
        assert told(thing({"a": codes("x")}), thing({"a": closed("x")})) == [
            f"{AT}, field a: whether its codes may grow has changed. {BACK}"
        ]

    def test_text_became_codes(self) -> None:
        assert told(thing({"a": TEXT}), thing({"a": codes("x")})) == [
            f"{AT}, field a: it took any value and now takes listed codes only. {BACK}"
        ]

    def test_codes_became_text(self) -> None:
        assert told(thing({"a": codes("x")}), thing({"a": TEXT})) == [
            f"{AT}, field a: it took listed codes only and now takes any value. {BACK}"
        ]
