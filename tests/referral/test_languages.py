"""A district's languages: added over the API alone, and in which one texts to them are."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.codes import Language
from services.chassis.clock import FixedClock
from services.chassis.errors import EnlaceError, TwoTonguesError
from services.chassis.languages import SHIPPED_LANGUAGES
from services.referral.api.disclosure_report import ReportWords
from services.referral.main import build
from services.referral.model.household import language_of
from services.referral.model.languages import check_languages_kept
from services.referral.model.rules import Rules
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.test_api import PEOPLE, Family, slug
from tests.running import Running, person, running
from tests.servers import Cell

HEADS = {**PEOPLE, "dora": person("dora", "admin")}
MIXTECO = {
    "code": "mix",
    "names": {"en": "Mixteco", "es": "mixteco"},
    "spoken_only": True,
    "written": "es",
}


@pytest.fixture
async def referral(cell: Cell, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, HEADS, clock=FixedClock(NOW)
    ) as service:
        yield service


def rules(*languages: dict[str, Any], **more: Any) -> Rules:
    return Rules.model_validate({"languages": list(languages), **more})


def test_a_language_that_is_only_spoken_has_a_name_and_another_one_for_texts() -> None:
    spoken = rules(MIXTECO).spoken
    known = spoken.get("mix")
    assert known is not None
    assert (known.spoken_only, known.names.es) == (True, "mixteco")
    assert spoken.written_in("mix") is Language.SPANISH
    assert spoken.written_in("es") is Language.SPANISH
    assert spoken.written_in("vi") is Language.ENGLISH
    assert spoken.written_in("hmn") is Language.ENGLISH, "not known here"
    assert ReportWords("es", Rules().needs, spoken).code("language", "mix") == "mixteco"


def test_a_roster_brings_the_languages_that_the_district_has() -> None:
    spoken = rules(MIXTECO).spoken
    read = [language_of(tag, spoken).value for tag in ("MIX", "es-MX", "hmn", None, "?")]
    assert read == ["mix", "es", "en", "en", "en"]
    assert language_of("mix", SHIPPED_LANGUAGES) is Language.ENGLISH


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"languages": [MIXTECO, MIXTECO]}, "languages has mix twice"),
        ({"languages": [{"code": "mix"}]}, "languages.0 (mix) does not come with Enlace"),
        ({"languages": [{**MIXTECO, "written": "tl"}]}, "messages exist in en and es"),
        ({"languages": [{"code": "en", "written": "es"}]}, "messages exist in en and es"),
        (
            {"languages": [{**MIXTECO, "names": {"en": "Spanish", "es": "mixteco"}}]},
            "two called spanish (en)",
        ),
        ({"help_words": {"mix": ["kuni"]}}, "help_words has mix, which is no language"),
    ],
)
def test_bad_languages_are_refused_whole_with_the_place_in_both_tongues(
    given: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        Rules.model_validate(given)
    fault = refused.value.errors()[0]
    assert says in fault["msg"]
    cause = fault["ctx"]["error"]
    assert isinstance(cause, TwoTonguesError)
    assert cause.es


def test_a_language_is_never_taken_away() -> None:
    with pytest.raises(EnlaceError) as gone:
        check_languages_kept(rules(MIXTECO).spoken, Rules().spoken)
    assert gone.value.slug == "language-gone"


async def test_a_language_is_added_and_a_family_entered_with_it_over_the_api_alone(
    referral: Running,
) -> None:
    family = Family(referral)
    body = family.family_body()
    body["contacts"][0] |= {"reads": "mix", "speaks": "mix", "interpreter": True}
    early = await family.put(f"/v1/families/{family.family}", body)
    headers = {**referral.as_("dora"), "If-Match": '"1"'}
    laid = await referral.http.put("/v1/rules", json={"languages": [MIXTECO]}, headers=headers)
    entered = await family.put(f"/v1/families/{family.family}", body)
    listed = await referral.http.get("/v1/languages", headers=referral.as_("nurse"))

    assert (early.status_code, slug(early)) == (422, "language-unknown")
    assert laid.status_code == 200, laid.text
    assert entered.status_code == 200, entered.text
    own = [each for each in listed.json() if not each["shipped"]]
    assert [(each["code"], each["spoken_only"], each["written"]) for each in own] == [
        ("mix", True, "es")
    ]
    log = referral.chassis.database["event_log"]
    assert await log.count_documents({"topic": "rules", "key": "languages"}) == 2
