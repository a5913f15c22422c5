"""What partner does when a district lays down its kinds of need: services, seats, directories."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from contracts.categories import Category, Names
from contracts.rules import CategoriesChanged, DistrictCategory, RecordsClass
from services.chassis.clock import FixedClock
from services.chassis.district import DistrictCopy
from services.chassis.ids import new_id
from services.chassis.needs import AS_SHIPPED, Needs
from services.partner.directory.categories import category_of
from services.partner.main import build
from services.partner.settings import PartnerSettings
from tests.partner.build import NOW, SITE
from tests.partner.district import PEOPLE, District
from tests.referral.test_api import slug
from tests.running import running
from tests.servers import Cell

SWIMMING = Category("swimming")


def own(**changes: Any) -> DistrictCategory:
    names = Names(en="swimming lessons", es="clases de natación")
    fields: dict[str, Any] = {
        "code": SWIMMING,
        "names": names,
        "restricted": False,
        "retired": False,
        "records": RecordsClass.EDUCATION,
        "terms": ("108-03-02",),
    }
    return DistrictCategory(**{**fields, **changes})


def laid_down(version: int, *more: DistrictCategory) -> CategoriesChanged:
    kept = {**AS_SHIPPED, **{each.code: each for each in more}}
    return CategoriesChanged(part="categories", version=version, needs=tuple(kept.values()))


@pytest.fixture
async def district(cell: Cell, tmp_path: Path) -> AsyncIterator[District]:
    clock = FixedClock(NOW)
    async with running(
        "partner", build, PartnerSettings, cell, tmp_path, PEOPLE, clock=clock
    ) as service:
        yield District(service, clock)


async def lay_down(district: District, version: int, *more: DistrictCategory) -> None:
    await district.lay_down(laid_down(version, *more))


async def swimming_school(district: District) -> tuple[int, str, str]:
    """Enter an agency with swimming lessons; return the answer's status, its slug and the id."""
    agency, service = new_id(), new_id()
    contact = {"id": new_id(), "name": "Marked Person", "email": "marked@example.org"}
    await district.put(f"/v1/agencies/{agency}", {"name": "Pool", "contacts": [contact]})
    body = {"agency": agency, "name": "Lessons", "category": "swimming", "sites": [SITE]}
    answer = await district.put(f"/v1/services/{service}", body)
    return answer.status_code, "" if answer.is_success else slug(answer), service


async def test_a_service_meets_a_need_of_the_districts_own_once_it_was_told(
    district: District,
) -> None:
    early = await swimming_school(district)
    assert early[:2] == (422, "category-unknown")
    await lay_down(district, 2, own())
    status, _, service = await swimming_school(district)
    assert status == 200, "one that was told a moment ago is known"
    matches = await district.get(f"/v1/matches?category=swimming&site={SITE}")
    found = matches.json()
    assert [each["service"] for each in [*found["matches"], *found["excluded"]]] == [service]


async def test_what_is_restricted_from_now_on_is_told_anew_without_its_name(
    district: District,
) -> None:
    await lay_down(district, 2, own())
    _, _, service = await swimming_school(district)
    figure = {"unit": "seats", "maximum": 3, "available": 2}
    await district.put(f"/v1/capacities/{service}/{SITE}", figure)
    await lay_down(district, 3, own(restricted=True))
    services = await district.told("ServiceChanged")
    seats = await district.told("PartnerCapacityChanged")
    assert [(row.category, row.name) for row in services] == [
        ("swimming", "Lessons"),
        ("restricted", "restricted"),
    ]
    assert [(row.category, row.available) for row in seats] == [
        ("swimming", 2),
        ("restricted", 2),
    ]


async def test_the_copy_never_goes_back_to_an_older_version(district: District) -> None:
    await lay_down(district, 3, own(retired=True))
    await lay_down(district, 2, own())
    await lay_down(district, 3, own(retired=True))
    needs = await DistrictCopy(district.service.chassis.store).needs()
    known = needs.get("swimming")
    assert known is not None
    assert known.retired


def test_a_districts_own_need_goes_before_what_a_term_stands_for_otherwise() -> None:
    needs = Needs(laid_down(2, own()).needs)
    retired = Needs(laid_down(3, own(retired=True)).needs)
    assert category_of("Open Eligibility", "108-03-02") is Category.AFTER_SCHOOL
    assert category_of("Open Eligibility", "108-03-02", needs) == SWIMMING
    assert category_of("Open Eligibility", "108-03-02", retired) is Category.AFTER_SCHOOL
    assert category_of("Enlace", "swimming", needs) == SWIMMING
    assert category_of("Enlace", "swimming", retired) is None
