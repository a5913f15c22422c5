"""The commands without a running system."""

import errno
import io
import json
import os
import re
import socket
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from deploy.local.commands.bring_in import zipped
from deploy.local.commands.common import CommandError
from deploy.local.district import make
from deploy.local.personas import PERSONAS
from deploy.local.servers.errors import AlreadyRunningError
from deploy.local.system import clock, lock, logs, state
from deploy.local.system.disk import told
from deploy.local.system.places import Home, Ports
from services.chassis.clock import write_offset
from tests.local.running import enlace, free_base

COMMANDS = (
    ["up"],
    ["status"],
    ["personas"],
    ["token"],
    ["events"],
    ["parked", "list"],
    ["parked", "show"],
    ["parked", "retry"],
    ["parked", "discard"],
    ["read-models", "list"],
    ["read-models", "rebuild"],
    ["read-models", "compare"],
    ["republish"],
    ["templates", "check"],
    ["templates", "preview"],
    ["clock", "show"],
    ["clock", "advance"],
    ["import", "directory"],
    ["import", "roster"],
    ["demo"],
    ["reset"],
)


@pytest.mark.parametrize(
    "command",
    [
        ["status"],
        ["token", "--persona", "rosa"],
        ["events"],
        ["parked", "list"],
        ["read-models", "list"],
        ["republish"],
        ["clock", "show"],
        ["demo"],
    ],
)
def test_where_nothing_runs_it_says_how_to_start(command: list[str], tmp_path: Path) -> None:
    done = enlace(*command, home=tmp_path)

    assert done.returncode == 3
    assert done.stderr == f"error: No local system runs in {tmp_path}. Start it: enlace up\n"


def test_every_command_explains_itself(tmp_path: Path) -> None:
    for command in COMMANDS:
        done = enlace(*command, "--help", home=tmp_path)
        assert done.returncode == 0, command
        assert "Usage: enlace" in done.stdout, command


def test_personas_are_listed_for_programs(tmp_path: Path) -> None:
    found = json.loads(enlace("personas", "--json", home=tmp_path).stdout)

    assert [each["key"] for each in found] == [each.key for each in PERSONAS]


def test_a_reset_of_nothing_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "bootstrap.lock").touch()

    done = enlace("reset", "--yes", home=tmp_path)

    assert done.returncode == 0
    assert "nothing" in done.stdout
    assert (tmp_path / "bootstrap.lock").exists()


def test_a_roster_of_an_unknown_school_is_refused(tmp_path: Path) -> None:
    done = enlace("import", "roster", str(tmp_path), "--site", "site-99", home=tmp_path)

    assert done.returncode == 2
    assert "There is no school 'site-99'" in done.stderr


def test_a_preview_that_is_none_is_refused(tmp_path: Path) -> None:
    done = enlace("import", "roster", str(tmp_path), "--preview", "x", home=tmp_path)

    assert done.returncode == 2
    assert "the id that --dry-run prints" in done.stderr


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("14d", timedelta(days=14)),
        ("12h", timedelta(hours=12)),
        ("90m", timedelta(minutes=90)),
        ("2w", timedelta(weeks=2)),
        (" 1D12H ", timedelta(days=1, hours=12)),
    ],
)
def test_lengths_of_time_are_read(text: str, length: timedelta) -> None:
    assert clock.duration(text) == length


@pytest.mark.parametrize("text", ["", "d", "14", "1.5d", "12h1d", "fortnight", "-3d"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(clock.DurationError):
        clock.duration(text)


def test_the_clock_never_goes_back(tmp_path: Path) -> None:
    home = Home(tmp_path)
    write_offset(home.clock, 60)

    with pytest.raises(clock.DurationError):
        clock.advance(home, timedelta(seconds=-1))

    assert json.loads(home.clock.read_text()) == {"offset_seconds": 60}


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 11, 22), date(2026, 11, 17)),
        (date(2026, 11, 29), date(2026, 11, 17)),  # not in the week of Thanksgiving
        (date(2026, 7, 4), date(2026, 6, 9)),  # not in summer
        (date(2027, 1, 2), date(2026, 12, 15)),  # not at Christmas
        (date(2026, 11, 17), date(2026, 11, 17)),
    ],
)
def test_a_new_system_starts_on_a_tuesday_of_term(today: date, expected: date) -> None:
    found = clock.first_morning(today)

    assert found.date() == expected
    assert found.isoformat().endswith(("T10:00:00-08:00", "T10:00:00-07:00"))


def test_school_days_are_counted_back_over_weekends_and_holidays() -> None:
    found = clock.school_days_before(date(2026, 11, 17), 5)

    assert found == [date(2026, 11, day) for day in (9, 10, 12, 13, 16)]  # the 11th: Veterans Day


def test_ports_follow_the_base_and_none_is_given_twice() -> None:
    found = Ports(8400).by_name()

    assert found["portal"] == 8400
    assert found["reporting"] == 8404
    assert found["viewer"] == 8408
    assert (found["mongod"], found["smtp"], found["kafka"]) == (8417, 8425, 8492)
    assert len(set(found.values())) == len(found)


def test_ports_that_are_taken_are_named_with_free_ones_to_choose(tmp_path: Path) -> None:
    base = free_base()
    with socket.create_server(("127.0.0.1", Ports(base).viewer)):
        done = enlace("up", "--port-base", str(base), home=tmp_path)

    assert done.returncode == 1
    assert f"viewer cannot listen on port {base + 8}: it is in use by" in done.stderr
    found = re.search(r'enlace up --port-base (\d+) \(with make: make run ARGS="--', done.stderr)
    assert found is not None, done.stderr
    assert int(found[1]) > base


@pytest.mark.parametrize("command", ["up", "status"])
def test_a_folder_that_is_none_is_told(tmp_path: Path, command: str) -> None:
    home = tmp_path / "notes.txt"
    home.write_text("not a folder")

    done = enlace(command, home=home)

    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {home} cannot be used as a folder")
    assert "--home DIR" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no disk that is full")
def test_a_full_disk_is_told_with_what_to_do(tmp_path: Path) -> None:
    Home(tmp_path).sites.symlink_to("/dev/full")

    done = enlace("up", "--port-base", str(free_base()), home=tmp_path)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert f"no room left on the disk of {tmp_path}" in done.stderr
    assert "Make room" in done.stderr


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.ENOTDIR])
def test_every_refusal_of_the_disk_says_what_to_do(tmp_path: Path, code: int) -> None:
    assert "--home DIR" in told(OSError(code, os.strerror(code)), tmp_path)
    assert str(tmp_path) in told(OSError(code, os.strerror(code)), tmp_path)


def test_a_folder_is_held_by_one_process_at_a_time(tmp_path: Path) -> None:
    home = Home(tmp_path)

    with lock.held(home), pytest.raises(AlreadyRunningError, match="already runs"), lock.held(home):
        pass

    with lock.held(home):
        assert lock.holder(home) is not None


def test_the_note_of_a_run_that_has_ended_counts_for_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.lock.write_text(json.dumps({"pid": 1, "started": "another process had this id"}))
    home.state.write_text("{}")

    with pytest.raises(state.NotRunningError):
        state.read(home)


def test_of_a_log_only_the_lines_that_matter_are_shown(tmp_path: Path) -> None:
    log = tmp_path / "notify.log"
    log.write_text('{"level": "warning", "event": "old"}\n')
    mark = logs.size(log)
    with log.open("a") as file:
        file.write('{"level": "info", "event": "fine"}\n')
        file.write('{"level": "error", "event": "carrier.away", "code": 503, "trace_id": "1"}\n')
        file.write("Traceback (most recent call last):\n")

    assert logs.that_matter(log, since=mark) == [
        "error carrier.away code=503",
        "Traceback (most recent call last):",
    ]


def test_a_folder_is_zipped_in_memory_and_an_archive_is_sent_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "users.csv").write_text("sourcedId\n")
    archive = tmp_path / "roster.zip"

    archive.write_bytes(zipped(tmp_path / "in"))

    assert zipped(archive) == archive.read_bytes()
    assert archive.read_bytes().startswith(b"PK")


def test_mended_rows_go_with_the_archive_and_the_archive_stays(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("sourcedId\n")
    (tmp_path / "bad.csv").write_text("file,line,row\n")
    archive = tmp_path / "roster.zip"
    archive.write_bytes(before := zipped(tmp_path / "users.csv"))

    with zipfile.ZipFile(io.BytesIO(zipped(archive, tmp_path / "bad.csv"))) as whole:
        assert whole.namelist() == ["users.csv", "mended-rows.csv"]
    assert archive.read_bytes() == before


def test_a_damaged_archive_is_sent_as_it_is_and_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    damaged, pipe = tmp_path / "roster.zip", tmp_path / "pipe"
    damaged.write_bytes(b"PK\x03\x04 cut off")
    os.mkfifo(pipe)

    assert zipped(damaged) == b"PK\x03\x04 cut off"
    with pytest.raises(CommandError, match="no folder and no file"):
        zipped(pipe)


def test_an_empty_folder_is_no_package(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no file"):
        zipped(tmp_path)


def test_the_clock_is_not_moved_to_where_no_date_can_be_reckoned(tmp_path: Path) -> None:
    home = Home(tmp_path)
    clock.set_to(home, datetime(2026, 11, 17, 10, tzinfo=clock.ZONE))
    before = home.clock.read_text()

    for text in ("9999999d", "4000d"):
        with pytest.raises(clock.DurationError, match="within 10 years"):
            clock.advance(home, clock.duration(text))
    with pytest.raises(clock.DurationError, match="longer than any calendar"):
        clock.duration("99999999999d")

    assert home.clock.read_text() == before


def test_a_first_start_that_was_interrupted_before_the_district_begins_it_afresh(
    tmp_path: Path,
) -> None:
    home, today = Home(tmp_path), date(2026, 11, 17)
    clock.set_to(home, make.first_day(today))
    assert not make.is_begun(home)
    assert make.has_room_for_a_past(home, today)

    home.district_begun.touch()
    assert make.is_begun(home)

    clock.advance(home, timedelta(days=3))
    assert not make.has_room_for_a_past(home, today)
