"""The pages follow what the district has laid down, from the topic on which referral tells it."""

import asyncio
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx2
from aiokafka import AIOKafkaProducer
from pymongo import MongoClient

from contracts.categories import Category, Names
from contracts.cloudevents import Envelope, encode
from contracts.codes import Language
from contracts.rules import (
    CategoriesChanged,
    DistrictCategory,
    DistrictLanguage,
    DistrictReason,
    ReasonedAct,
    ReasonsChanged,
    RecordsClass,
)
from services.chassis.district import LaidDown, PartTold
from services.chassis.ids import new_id
from services.chassis.languages import SHIPPED_LANGUAGES, Languages
from services.chassis.needs import AS_SHIPPED
from services.chassis.reasons import REASONS_AS_SHIPPED
from services.portal.words import words_in
from tests.portal.running import OWN, Portal
from tests.portal.samples import referral_id
from tests.portal.test_new import ANA, FORM, fields
from tests.portal.test_pages import CARD

PATIENCE = 60.0


def category(code: str, en: str, es: str, **changes: Any) -> DistrictCategory:
    given: dict[str, Any] = {
        "code": Category(code),
        "names": Names(en=en, es=es),
        "restricted": False,
        "retired": False,
        "records": RecordsClass.EDUCATION,
        "terms": (),
    }
    return DistrictCategory(**{**given, **changes})


def laid_down(version: int, *more: DistrictCategory) -> CategoriesChanged:
    kept = {**AS_SHIPPED, **{each.code: each for each in more}}
    return CategoriesChanged(part="categories", version=version, needs=tuple(kept.values()))


def tell(portal: Portal, event: PartTold) -> None:
    """Put an event on the topic, as referral's relay does."""
    envelope = Envelope(
        id=new_id(),
        source="enlace/referral",
        type=event.TYPE,
        key=event.key,
        time=datetime.now(UTC),
        sequence=event.version,
    )

    async def send() -> None:
        async with AIOKafkaProducer(bootstrap_servers=portal.cell.kafka) as producer:
            await producer.send_and_wait(
                f"{portal.cell.name}.rules",
                event.model_dump_json().encode(),
                key=event.key.encode(),
                headers=list(encode(envelope)),
            )

    with ThreadPoolExecutor(1) as pool:  # this thread's loop may be the browser's
        pool.submit(asyncio.run, send()).result()


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_forms_and_pages_follow_what_the_district_lays_down(
    rosa: httpx2.Client, portal: Portal, mongo_uri: str
) -> None:
    swimming = category("swimming", "swimming lessons", "clases de natación <b>")
    dental = category("dental", "tooth care", "cuidado dental")
    tell(portal, laid_down(2, swimming, dental, category("food", "x", "x", retired=True)))
    form = f"/referrals/new?student={ANA}"
    wait_until(lambda: "Swimming lessons" in rosa.get(form).text)

    page, spanish = rosa.get(form).text, rosa.get(f"{form}&lang=es").text
    rosa.get("/?lang=en")
    assert "Tooth care" in page
    assert 'value="food"' not in page, "nothing new under what is retired"
    assert "Clases de natación &lt;b&gt;" in spanish, "a name is no markup"
    given = fields(page)
    sent = rosa.post("/referrals/new", data={**given, **FORM, "category": "swimming"}, headers=OWN)
    assert sent.status_code == 303
    assert portal.services.posted[-1][1]["category"] == "swimming"
    opened = rosa.get(f"/referrals/{given['id']}").text
    assert "swimming lessons" in opened
    with MongoClient[dict[str, Any]](mongo_uri) as mongo:
        kept = mongo[portal.database]["district"].find_one({"_id": "categories"})
    assert kept is not None
    assert kept["told"]["version"] == 2, "known at the next start, whoever is away"

    tell(portal, laid_down(1, category("swimming", "older", "anterior")))
    tell(portal, laid_down(3))
    wait_until(lambda: "Tooth care" not in rosa.get(form).text)


def test_a_language_is_called_as_the_district_calls_it_and_else_as_everybody_does() -> None:
    mixteco = DistrictLanguage(
        code=Language("mix"),
        names=Names(en="Mixteco", es="mixteco"),
        spoken_only=True,
        retired=False,
        written=Language.SPANISH,
    )
    words = words_in("es").of(LaidDown(languages=Languages([*SHIPPED_LANGUAGES.all, mixteco])))
    assert words.code("language", "mix") == "mixteco"
    assert words.code("language", "en") == "inglés"
    assert words.code("language", "zap") == "zapoteco", "spoken here, and laid down nowhere"
    assert words.code("language", "qqq") == "qqq"
    assert words.code("language", "other") == "otro idioma"


def test_forms_offer_the_reasons_that_the_district_lays_down(
    rosa: httpx2.Client, anybody: httpx2.Client, portal: Portal
) -> None:
    own = DistrictReason(
        act=ReasonedAct.DECLINE,
        code="bus-cut",
        names=Names(en="no bus <b> comes here", es="no pasa el autobús"),
        retired=False,
    )
    renamed = DistrictReason(
        act=ReasonedAct.DECLINE,
        code="no-capacity",
        names=Names(en="every place is taken", es="todo está lleno"),
        retired=False,
    )
    kept = {(each.act, each.code): each for each in (*REASONS_AS_SHIPPED, renamed, own)}
    gone = [
        each.model_copy(update={"retired": each.code == "out-of-area"}) for each in kept.values()
    ]
    tell(portal, ReasonsChanged(part="reasons", version=2, reasons=tuple(gone)))
    why = f"{CARD}/decline"
    wait_until(lambda: "No bus &lt;b&gt; comes here" in anybody.get(why).text)
    page = anybody.get(why).text
    assert "Every place is taken" in page
    assert 'value="out-of-area"' not in page
    anybody.post(why, data={"reason": "bus-cut"}, headers=OWN)
    assert portal.services.posted[-1] == ("/v1/answers/decline", {"reason": "bus-cut"})
    assert "every place is taken" in rosa.get(f"/referrals/{referral_id(8)}/phone").text


def test_what_was_retired_while_the_form_was_open_is_said_and_nothing_is_lost(
    rosa: httpx2.Client, portal: Portal
) -> None:
    portal.services.refuse = (409, "category-retired")
    given = fields(rosa.get(f"/referrals/new?student={ANA}").text)
    told = rosa.post("/referrals/new", data={**given, **FORM}, headers=OWN)
    assert told.status_code == 409
    assert "takes nothing new under this need" in told.text
    assert "Pain when chewing" in told.text


def test_a_need_that_is_not_known_here_is_asked_of_one_place_and_shown_by_its_code(
    rosa: httpx2.Client, portal: Portal
) -> None:
    known = portal.services.find(referral_id(8))
    assert known is not None
    known["category"] = "chess-club"
    page = rosa.get(f"/referrals/{referral_id(8)}/ask").text
    assert "chess-club" in page
    assert re.search(r'type="radio" name="place"', page), "one place alone"


def test_an_agency_reads_the_name_that_the_district_gave() -> None:
    plain = words_in("es")
    renamed = plain.of(LaidDown().after(laid_down(2, category("dental", "teeth", "dientes"))))
    assert plain.code("need", "dental") == "un dentista"
    assert renamed.code("need", "dental") == "dientes"
    assert plain.code("need", "other") == "ayuda"
    assert plain.code("category", "restricted") == "una necesidad privada"
    assert plain.code("category", "chess-club") == "chess-club"
