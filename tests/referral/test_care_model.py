"""Care team, notes, attempts, meetings and free text, given / when / then, without a database."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from services.chassis.errors import EnlaceError
from services.referral.model.attempts import happened
from services.referral.model.care import CareTeam, Member, TeamRole, TierChange
from services.referral.model.meeting import Meeting, Task, TaskState
from services.referral.model.notes import Amendment, Note, Visibility
from tests.referral.build import NOW, SEALED, TODAY

TEAM = CareTeam(id="stu-1", family="fam-1", site="site-01")
ZONE = "America/Los_Angeles"


def member(**changes: Any) -> Member:
    fields: dict[str, Any] = {
        "id": "mem-1",
        "role": TeamRole.NURSE,
        "name": SEALED,
        "subject": "nora",
        "since": TODAY,
        "until": None,
        "fingerprint": "f",
    }
    return Member(**{**fields, **changes})


def note(**changes: Any) -> Note:
    fields: dict[str, Any] = {
        "id": "note-1",
        "student": "stu-1",
        "family": "fam-1",
        "site": "site-01",
        "referral": None,
        "visibility": Visibility.CARE_TEAM,
        "words": SEALED,
        "author": "nora",
        "written_at": NOW,
        "fingerprint": "f",
    }
    return Note(**{**fields, **changes})


def task(id: str, due_on: date) -> Task:
    return Task(id=id, what=SEALED, owner="nora", due_on=due_on, fingerprint="f")


def meeting(*tasks: Task) -> Meeting:
    return Meeting(
        id="meet-1",
        student="stu-1",
        family="fam-1",
        site="site-01",
        zone=ZONE,
        held_on=TODAY,
        participants=(),
        decided=SEALED,
        tasks=tasks,
        by="rosa",
        recorded_at=NOW,
        fingerprint="f",
    ).scheduled()


def test_a_member_serves_from_the_first_day_through_the_last() -> None:
    nurse = member(since=date(2026, 9, 1), until=date(2026, 9, 30))
    days = [date(2026, 8, 31), date(2026, 9, 1), date(2026, 9, 30), date(2026, 10, 1)]
    assert [nurse.serves(day) for day in days] == [False, True, True, False]


def test_a_member_cannot_end_before_the_first_day() -> None:
    team = TEAM.add(member(since=TODAY))
    with pytest.raises(EnlaceError, match="ends-before-it-begins"):
        team.end("mem-1", TODAY - timedelta(days=1))


def test_ending_twice_on_one_day_changes_nothing() -> None:
    ended = TEAM.add(member()).end("mem-1", TODAY)
    assert ended.end("mem-1", TODAY) is ended


def test_the_tier_is_the_last_one_set_and_what_was_before_stays() -> None:
    team = TEAM
    assert team.tier is None
    for id, tier in (("t-1", 1), ("t-2", 3), ("t-3", 2)):
        team = team.set_tier(
            TierChange(id=id, tier=tier, why=SEALED, by="rosa", at=NOW, fingerprint="f")  # type: ignore[arg-type] # 1, 2, 3
        )
    assert team.tier == 2
    assert [each.tier for each in team.tiers] == [1, 3, 2]


@pytest.mark.parametrize(
    ("visibility", "reader", "reads"),
    [
        ("only-me", "nora", True),
        ("only-me", "rosa", False),
        ("care-team", "rosa", True),
        ("partner", "rosa", True),
        ("a-later-code", "rosa", False),
        ("a-later-code", "nora", True),
    ],
)
def test_only_me_and_a_code_not_known_yet_are_their_authors_alone(
    visibility: str,
    reader: str,
    reads: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    assert note(visibility=Visibility(visibility)).readable_by(reader) is reads


@pytest.mark.parametrize(
    ("minutes", "by", "slug"),
    [(0, "nora", None), (59, "nora", None), (60, "nora", "note-closed"), (1, "rosa", "forbidden")],
)
def test_a_note_is_edited_by_its_author_within_an_hour(
    minutes: int, by: str, slug: str | None
) -> None:
    then = NOW + timedelta(minutes=minutes)
    if slug is None:
        after = note().rewrite(SEALED, Visibility.ONLY_ME, by, then, "e")
        assert (after.visibility, after.edited_at) == (Visibility.ONLY_ME, then)
        return
    with pytest.raises(EnlaceError, match=slug):
        note().rewrite(SEALED, Visibility.ONLY_ME, by, then, "e")


def test_an_amendment_is_added_and_overwrites_nothing() -> None:
    later = Amendment(id="am-1", words=SEALED, by="nora", at=NOW, fingerprint="f")
    after = note().amend(later)
    assert (after.words, after.amendments) == (SEALED, (later,))
    with pytest.raises(EnlaceError, match="forbidden"):
        note().amend(later.model_copy(update={"by": "rosa"}))


@pytest.mark.parametrize(
    ("at", "slug"),
    [
        (NOW, None),
        (NOW - timedelta(days=90), None),
        (NOW + timedelta(minutes=14), None),
        (NOW + timedelta(minutes=16), "not-yet-happened"),
        (NOW - timedelta(days=3 * 365), "too-long-ago"),
    ],
)
def test_an_attempt_lies_in_the_past_but_not_years_back(at: datetime, slug: str | None) -> None:
    if slug is None:
        assert happened(at, NOW) == at
    else:
        with pytest.raises(EnlaceError, match=slug):
            happened(at, NOW)


def test_the_time_of_an_attempt_is_kept_in_utc_and_milliseconds() -> None:
    at = datetime(2026, 10, 13, 9, 59, 58, 123_456, timezone(timedelta(hours=-7)))
    assert happened(at, NOW) == datetime(2026, 10, 13, 16, 59, 58, 123_000, UTC)


def test_a_task_is_overdue_the_morning_after_its_date_once() -> None:
    study = meeting(task("a", date(2026, 10, 14)), task("b", date(2026, 10, 20)))
    # 7:00 in California in summer time.
    assert study.next_due == datetime(2026, 10, 15, 14, 0, tzinfo=UTC)
    after = study.tick(datetime(2026, 10, 15, 14, 0, tzinfo=UTC))
    assert [each.state for each in after.tasks] == [TaskState.OVERDUE, TaskState.OPEN]
    assert after.next_due == datetime(2026, 10, 21, 14, 0, tzinfo=UTC)
    again = after.tick(datetime(2026, 10, 18, 14, 0, tzinfo=UTC))
    assert again.tasks == after.tasks


def test_the_morning_after_the_clocks_changed_is_seven_local_time() -> None:
    study = meeting(task("a", date(2026, 10, 31)))  # the clocks go back on 1 November
    assert study.next_due == datetime(2026, 11, 1, 15, 0, tzinfo=UTC)


def test_a_task_that_was_done_is_never_overdue() -> None:
    study = meeting(task("a", date(2026, 10, 14))).do("a", "nora", NOW)
    assert study.next_due is None
    assert study.tick(NOW + timedelta(days=30)).tasks == study.tasks
    assert study.do("a", "rosa", NOW) is study


def test_an_overdue_task_can_still_be_done() -> None:
    late = meeting(task("a", date(2026, 10, 14))).tick(NOW + timedelta(days=30))
    done = late.do("a", "nora", NOW + timedelta(days=31)).tasks[0]
    assert (done.state, done.overdue_at) == (TaskState.DONE, NOW + timedelta(days=30))
