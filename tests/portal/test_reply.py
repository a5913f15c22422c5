"""What a family wrote is read and answered on one page, and what was typed is never lost."""

import re

import httpx2
import pytest

from tests.portal.running import OWN, Portal
from tests.portal.samples import referral_id

LUIS = f"/referrals/{referral_id(2)}"
REPLY = referral_id(71)
PATH = f"/v1/referrals/{referral_id(2)}/staff-replies/{REPLY}"


@pytest.fixture
def talk(portal: Portal) -> list[dict[str, object]]:
    """What was said: a question in Spanish, and what the family wrote to it."""
    portal.services.conversation = [
        {
            "outgoing": True,
            "at": "2026-11-23T18:00:00Z",
            "person": "p",
            "channel": "sms",
            "text": "Ya pedimos la ayuda.",
            "language": "es",
            "state": "delivered",
        },
        {
            "outgoing": False,
            "at": "2026-11-24T17:00:00Z",
            "person": "p",
            "channel": "sms",
            "text": "¿A qué hora es?",
            "reply": "other",
            "crisis": True,
            "pictures": 1,
        },
    ]
    return portal.services.conversation


def send(browser: httpx2.Client, **fields: object) -> httpx2.Response:
    return browser.post(f"{LUIS}/reply", data=fields, headers=OWN)


@pytest.mark.usefixtures("talk")
def test_what_they_wrote_stands_over_the_box(rosa: httpx2.Client) -> None:
    page = rosa.get(f"{LUIS}/reply").text
    assert page.index("¿A qué hora es?") < page.index("<textarea")
    assert "sounds like danger" in page
    assert "with a picture that is not kept" in page
    assert f'href="{LUIS}/reply"' in rosa.get(LUIS).text, "the referral leads there"


@pytest.mark.usefixtures("talk")
def test_words_to_start_from_are_in_the_language_of_the_family(rosa: httpx2.Client) -> None:
    page = rosa.get(f"{LUIS}/reply").text
    assert "Gracias por escribir. Le llamo hoy." in page
    assert 'lang="es" rows=' in page
    begun = rosa.get(f"{LUIS}/reply?with=1").text
    box = re.search(r"<textarea[^>]*>(.*?)</textarea>", begun)
    assert box is not None
    assert box[1] == "Gracias por escribir. Le llamo hoy."
    assert ">Gracias por escribir" not in rosa.get(f"{LUIS}/reply?with=9").text.split("</form>")[0]


@pytest.mark.usefixtures("talk")
def test_an_answer_is_sent_once_as_it_was_written(rosa: httpx2.Client, portal: Portal) -> None:
    done = send(rosa, reply=REPLY, words="A las diez,\r\nen la escuela")
    assert (done.status_code, done.headers["location"]) == (303, f"{LUIS}/reply?done=reply")
    assert portal.services.parts.puts == [(PATH, {"words": "A las diez, en la escuela"})]
    assert "On its way." in rosa.get(f"{LUIS}/reply?done=reply").text


@pytest.mark.usefixtures("talk")
@pytest.mark.parametrize("words", ["", " \n ", "x" * 481])
def test_what_cannot_be_sent_is_said_and_stays(
    rosa: httpx2.Client, portal: Portal, words: str
) -> None:
    answer = send(rosa, reply=REPLY, words=words)
    assert answer.status_code == 422
    assert portal.services.parts.puts == []
    assert words.strip() in answer.text
    assert REPLY in answer.text, "sent again it is the same answer"


@pytest.mark.usefixtures("talk")
def test_a_refusal_of_the_service_loses_nothing(rosa: httpx2.Client, portal: Portal) -> None:
    portal.services.refuse = (409, "nobody-wrote")
    answer = send(rosa, reply=REPLY, words="A las diez")
    assert answer.status_code == 409
    assert "A las diez" in answer.text


def test_without_words_of_the_family_there_is_no_box(rosa: httpx2.Client, portal: Portal) -> None:
    portal.services.conversation = []
    page = rosa.get(f"{LUIS}/reply").text
    assert "Nobody of the family has written" in page
    assert "<textarea" not in page


@pytest.mark.usefixtures("talk")
def test_all_messages_with_the_family_stand_on_one_page_and_are_searched(
    rosa: httpx2.Client, portal: Portal
) -> None:
    assert f'href="{LUIS}/messages"' in rosa.get(LUIS).text
    page = rosa.get(f"{LUIS}/messages").text
    assert page.index("¿A qué hora es?") < page.index("Ya pedimos la ayuda."), "newest first"
    assert "?cursor=older" in page
    found = rosa.get(f"{LUIS}/messages?q=+pedimos+&cursor=abc").text
    assert "¿A qué hora es?" not in found
    assert 'value="pedimos"' in found
    assert "No message has these words." in rosa.get(f"{LUIS}/messages?q=avi%C3%B3n").text
    asked = portal.services.sought
    assert [query for _, query in asked] == [
        {"limit": "50"},
        {"q": "pedimos", "cursor": "abc", "limit": "50"},
        {"q": "avión", "limit": "50"},
    ]
    assert len({family for family, _ in asked}) == 1
