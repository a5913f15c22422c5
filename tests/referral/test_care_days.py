"""Days of meetings, tasks and the care team: what can be, over HTTP on a real database."""

from services.chassis.ids import new_id
from tests.referral.test_care_api import School
from tests.referral.test_care_api import school as school  # noqa: PLC0414 - a fixture


async def test_a_meeting_was_held_and_no_day_is_far_off(school: School) -> None:
    def held(day: str, due: str = "2026-10-14") -> dict[str, object]:
        task = {"id": new_id(), "what": "y", "owner": "nora", "due_on": due}
        return {
            "student": school.student,
            "held_on": day,
            "participants": [{"name": "Nora", "role": "nurse"}],
            "decided": "x",
            "tasks": [task],
        }

    path = f"/v1/meetings/{new_id()}"
    tomorrow = await school.put(path, held("2026-10-14"))
    assert (tomorrow.status_code, tomorrow.json()["type"].split("/")[-1]) == (409, "date-to-come")
    for body in (held("2150-01-01"), held("1900-01-01"), held("2026-10-13", "2150-01-01")):
        assert (await school.put(path, body)).status_code == 422
    member = {"name": "Nora", "role": "nurse"}
    team = f"/v1/students/{school.student}/care-team/{new_id()}"
    for days in ({"since": "1900-01-01"}, {"until": "2150-01-01"}):
        refused = await school.put(team, {**member, **days})
        assert refused.status_code == 422
        assert "revise el año" in refused.text
    assert (await school.put(path, held("2026-10-13"))).status_code == 200
