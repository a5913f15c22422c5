"""Holidays and other exceptions: kept from a directory, and told as the standard can say them."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.partner.imports.plan import service_after
from services.partner.imports.wanted import wanted
from services.partner.model.confirmed import ConfirmedBy
from services.partner.model.hsds.services import full_service
from services.partner.model.hsds.special_days import schedules_of
from services.partner.model.listing import SpecialDays
from tests.partner.directory.test_ohana import read


def told(**said: Any) -> list[dict[str, Any]]:
    days = SpecialDays(**{"id": "h1", "closed": True, **said})
    found = list(schedules_of("service-1", days))
    assert len({each["id"] for each in found}) == len(found)
    return found


def test_a_place_s_holidays_are_kept_with_each_service_there(tmp_path: Path) -> None:
    (service,) = wanted(read(tmp_path), "county", "America/Los_Angeles").services
    first, second = service.listing.special_days
    assert (first.first, first.last, first.closed) == ("--01-01", "--01-01", True)
    assert (second.first, second.closed) == ("2026-12-24", False)
    assert (second.opens_at, second.closes_at) == ("10:00:00", "16:00:00")


def test_they_are_exported_beside_the_usual_hours(tmp_path: Path) -> None:
    (listed,) = wanted(read(tmp_path), "county", "America/Los_Angeles").services
    service = service_after(None, listed, "county", "print")
    schedules = full_service(service, None, None)["schedules"]
    usual = [each for each in schedules if "byday" in each]
    exceptions = [each for each in schedules if each.get("notes")]
    assert len(usual) == 1
    assert [each["description"] for each in exceptions] == ["Closed", "Other hours than usual"]


def test_days_of_one_year_are_a_schedule_that_is_valid_on_them_alone() -> None:
    (found,) = told(first="2026-11-26", last="2026-11-27")
    assert (found["valid_from"], found["valid_to"]) == ("2026-11-26", "2026-11-27")
    assert found["dtstart"] == "2026-11-26"
    assert "opens_at" not in found
    assert found["description"] == "Closed"


def test_other_hours_are_told_with_them() -> None:
    (found,) = told(
        first="2026-12-24", last="2026-12-24", closed=False, opens_at="10:00", closes_at="16:00"
    )
    assert (found["opens_at"], found["closes_at"]) == ("10:00", "16:00")


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        ("--12-25", "--12-25", [("2024-12-25", "25")]),
        ("--12-30", "--01-02", [("2024-12-30", "30,31"), ("2025-01-01", "1,2")]),
        ("--02-29", "--02-29", [("2024-02-29", "29")]),
        ("--12-31", "--02-29", None),
    ],
)
def test_days_of_every_year_recur_every_twelfth_month(
    first: str, last: str, months: list[tuple[str, str]] | None
) -> None:
    found = told(first=first, last=last)
    assert {(each["freq"], each["interval"]) for each in found} == {("MONTHLY", 12)}
    if months is None:
        assert [each["dtstart"] for each in found] == ["2024-12-31", "2025-01-01", "2025-02-01"]
    else:
        assert [(each["dtstart"], each["bymonthday"]) for each in found] == months


def test_the_later_word_stands_whoever_gave_it(tmp_path: Path) -> None:
    (listed,) = wanted(read(tmp_path), "county", "America/Los_Angeles").services
    assert service_after(None, listed, "county", "print").confirmed is None
    checked = listed.model_copy(update={"assured": date(2026, 9, 1)})
    fresh = service_after(None, checked, "county", "print")
    assert fresh.confirmed is not None
    assert fresh.confirmed.by is ConfirmedBy.DIRECTORY
    older = listed.model_copy(update={"assured": date(2026, 3, 1)})
    assert service_after(fresh, older, "county", "print").confirmed == fresh.confirmed
    assert service_after(fresh, listed, "county", "print").confirmed == fresh.confirmed
