"""The whole system: one referral goes round the loop, and nothing is left behind."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.local.running import Up, enlace
from tests.tables import sample

STEPS = [
    "created",
    "offered",
    "family-asked",
    "links",
    "claimed",
    "taken",
    "accepted",
    "identity",
    "family-told",
    "scheduled",
    "started",
    "completed",
    "follow-up-due",
    "family-asked-again",
    "family-answered",
    "verified",
    "read-model",
]


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    up = Up(tmp_path_factory.mktemp("loop") / "home").ready()
    yield up
    up.kill()


def test_a_referral_is_closed_by_the_partner_and_verified_by_the_family(system: Up) -> None:
    done = enlace("demo", "--json", home=system.home, seconds=400)

    assert done.returncode == 0, done.stderr + system.said
    story = json.loads(done.stdout)
    assert [step["name"] for step in story["steps"]] == STEPS
    facts = story["facts"]
    assert facts["state"] == "completed"
    assert facts["outcome"] == "need-met"
    assert facts["created_at"] < facts["offered_at"] < facts["accepted_at"]
    assert facts["accepted_at"] < facts["partner_closed_at"] < facts["family_verified_at"]


def test_the_events_of_the_referral_are_printed_as_envelopes_alone(system: Up) -> None:
    story = json.loads(enlace("demo", "--json", home=system.home, seconds=400).stdout)

    done = enlace("events", "--referral", story["referral"], "--json", home=system.home)

    events = [json.loads(line) for line in done.stdout.splitlines()]
    types = [event["type"] for event in events]
    assert types[0] == "referral.created"
    assert types.index("offering.claimed") < types.index("referral.accepted")
    assert types.index("follow-up.due") < types.index("referral.verified")
    assert {frozenset(event) for event in events} == {
        frozenset(
            "time topic partition offset key sequence type site referral".split()  # noqa: SIM905
        )
    }


def test_a_roster_that_names_none_of_a_schools_children_says_how_to_go_on(
    system: Up, tmp_path: Path
) -> None:
    school = tmp_path / "school"
    school.mkdir()
    numbers = range(30)
    tables = {
        "orgs.csv": ["sourcedId,name,type", "O,School,school"],
        "users.csv": [
            "sourcedId,givenName,familyName",
            *(f"S{each},Sample,Inventada{each}" for each in numbers),
        ],
        "roles.csv": [
            "userSourcedId,orgSourcedId,role,grade",
            *(f"S{each},O,student,03" for each in numbers),
        ],
    }
    for name, lines in tables.items():
        (school / name).write_text("\n".join(lines))
    there = ("import", "roster", str(school), "--site", "site-05")
    assert enlace(*there, home=system.home).returncode == 0
    command = ("import", "roster", str(sample("sds-roster")), "--site", "site-05")

    refused = enlace(*command, home=system.home, seconds=120)
    seen = enlace(*command, "--dry-run", home=system.home, seconds=120)

    assert refused.returncode == 1
    for way in ("--dry-run", "--preview", "--part"):
        assert way in refused.stderr
    assert seen.returncode == 0, seen.stderr
    assert "This preview: " in seen.stdout


def test_an_imported_child_goes_to_an_imported_service(system: Up) -> None:
    folders = {
        "directory": sample("san-mateo-directory"),
        "roster": sample("sds-roster"),
    }
    for what, folder in folders.items():
        site = ("--site", "site-03", "--part") if what == "roster" else ()
        first, second = (
            enlace("import", what, str(folder), *site, "--json", home=system.home, seconds=120)
            for _ in range(2)
        )
        assert first.returncode == second.returncode == 0, first.stderr + second.stderr
        assert _new(json.loads(first.stdout)) > 0
        assert _new(json.loads(second.stdout)) == 0

    done = enlace("demo", "--service", "senior", "--json", home=system.home, seconds=400)

    assert done.returncode == 0, done.stderr + system.said
    names = [step["name"] for step in json.loads(done.stdout)["steps"]]
    assert names == [step for step in STEPS if step != "taken"]
    assert "supplied: " in done.stderr


def _new(report: dict[str, Any]) -> int:
    """Return how many things an import brought or changed."""
    counts = [each for each in report.values() if isinstance(each, dict)]
    return sum(each.get(how, 0) for each in counts for how in ("added", "created", "changed"))


def test_a_read_model_is_folded_anew_and_found_equal(system: Up) -> None:
    done = enlace("read-models", "compare", "referral-facts", "--json", home=system.home)
    again = enlace("read-models", "rebuild", "referral-facts", "--json", home=system.home)

    kept, read = json.loads(done.stdout), json.loads(again.stdout)
    assert (done.returncode, kept["rebuild"]["state"]) == (0, "equal"), done.stdout
    assert (again.returncode, read["rebuild"]["state"]) == (0, "switched"), again.stdout
    assert kept["generation"] < read["generation"]


def test_nothing_is_parked_and_every_part_is_ready(system: Up) -> None:
    parked = enlace("parked", "list", "--json", home=system.home)
    status = enlace("status", "--json", home=system.home)

    assert json.loads(parked.stdout) == []
    assert status.returncode == 0, status.stdout
    parts = json.loads(status.stdout)["parts"]
    assert {part["state"] for part in parts} <= {"runs", "ready"}
    named = {part["part"]: part for part in parts}
    assert {named[each]["version"].count(".") for each in ("kafka", "mongod", "referral")} == {2}
    assert all(named[each]["address"].startswith("127.0.0.1:") for each in ("kafka", "mongod"))


def test_the_clock_goes_forward_and_never_back(system: Up) -> None:
    before = json.loads(enlace("clock", "show", "--json", home=system.home).stdout)["now"]

    moved = enlace("clock", "advance", "1d12h", "--json", home=system.home)
    back = enlace("clock", "advance", "--", "-1d", home=system.home)

    assert json.loads(moved.stdout)["now"] > before
    assert back.returncode == 2
    assert "only goes forward" in back.stderr


def test_a_second_start_on_the_folder_is_refused(system: Up) -> None:
    done = enlace("up", "--port-base", "30000", home=system.home)

    assert done.returncode == 1
    assert "already runs" in done.stderr


def test_a_port_that_is_taken_is_named_with_its_holder(system: Up, tmp_path: Path) -> None:
    done = enlace("up", "--port-base", str(system.base), home=tmp_path / "other")

    assert done.returncode == 1
    assert "in use by python (process " in done.stderr
    assert "Stop that process or choose another port" in done.stderr


def test_a_stop_leaves_no_process_behind_and_a_next_start_finds_the_data(system: Up) -> None:
    assert system.stop() == 0
    assert system.left() == []
    assert enlace("status", home=system.home).returncode == 3


def test_what_a_killed_run_leaves_is_stopped_by_the_next_and_nothing_is_lost(
    system: Up,
) -> None:
    killed = Up(system.home).ready()
    killed.kill()

    again = Up(system.home).ready()

    try:
        assert killed.left() == []
        parked = enlace("events", "--json", home=system.home)
        assert "referral.verified" in parked.stdout
    finally:
        assert again.stop() == 0
    assert again.left() == []


def test_a_reset_throws_everything_away_and_asks_before(system: Up) -> None:
    kept = enlace("reset", home=system.home, answer="n\n")
    assert kept.returncode == 1
    assert (system.home / "keys" / "root.key").exists()

    gone = enlace("reset", "--yes", home=system.home)

    assert gone.returncode == 0
    assert not (system.home / "keys").exists()
    assert not (system.home / "parts").exists()
