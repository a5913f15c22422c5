"""One referral's parts over HTTP: what they show, what they send, and what a refusal says."""

import re

import httpx2
import pytest

from tests.portal.running import OWN, Portal
from tests.portal.samples import PARENTS, referral_id
from tests.portal.samples_parts import (
    ATTEMPT,
    FOLLOW_UP,
    MARIA,
    NOTE,
    meanwhile,
    short_follow_ups,
)

LUIS = f"/referrals/{referral_id(2)}"
API = f"/v1/referrals/{referral_id(2)}"
MOTHER = PARENTS[0]["id"]


@pytest.fixture
def luis(portal: Portal) -> dict[str, object]:
    """A referral with follow-ups, which the reader leads."""
    known = portal.services.find(referral_id(2))
    assert known is not None
    known |= {"follow_ups": short_follow_ups(), "coordinator": "coordinator-01"}
    return known


def post(browser: httpx2.Client, path: str, **fields: object) -> httpx2.Response:
    return browser.post(path, data=fields, headers=OWN)


# follow-ups


@pytest.mark.usefixtures("luis")
def test_a_follow_up_is_seen_to_with_what_the_family_says(
    rosa: httpx2.Client, portal: Portal
) -> None:
    path = f"{LUIS}/follow-ups/{FOLLOW_UP}/done"
    done = post(rosa, path, seen="3", reply="not-yet", words="The date\r\nwas moved")
    assert (done.status_code, done.headers["location"]) == (
        303,
        f"{LUIS}/follow-ups?done=follow-done",
    )
    assert portal.services.posted == [
        (f"{API}/follow-ups/{FOLLOW_UP}/done", {"reply": "not-yet", "words": "The date\nwas moved"})
    ]
    assert portal.services.parts.seen == [(f"{API}/follow-ups/{FOLLOW_UP}/done", '"3"')]


@pytest.mark.usefixtures("luis")
def test_a_follow_up_is_put_off_with_a_reason(rosa: httpx2.Client, portal: Portal) -> None:
    path = f"{LUIS}/follow-ups/{FOLLOW_UP}/snooze"
    lacks = post(rosa, path, seen="3", due_on="2026-11-27")
    assert lacks.status_code == 422
    assert "Choose why it is put off. Nothing was changed." in lacks.text
    assert 'value="2026-11-27"' in lacks.text
    assert portal.services.posted == []
    done = post(rosa, path, seen="3", due_on="2026-11-27", reason="family-asked")
    assert done.status_code == 303
    assert portal.services.posted[0][1] == {"due_on": "2026-11-27", "reason": "family-asked"}


@pytest.mark.usefixtures("luis")
def test_a_follow_up_is_given_to_a_colleague_by_name(rosa: httpx2.Client, portal: Portal) -> None:
    assert "María Quiroga" in rosa.get(f"{LUIS}/follow-ups").text
    done = post(rosa, f"{LUIS}/follow-ups/{FOLLOW_UP}/reassign", seen="3", owner=MARIA)
    assert done.status_code == 303
    assert portal.services.posted == [(f"{API}/follow-ups/{FOLLOW_UP}/reassign", {"owner": MARIA})]


@pytest.mark.usefixtures("luis")
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("Somebody was faster", "Since you opened it", "It was put on hold.")),
        ("es", ("Alguien fue más rápido", "Desde que usted lo abrió", "Se puso en pausa.")),
    ],
)
def test_who_was_faster_and_what_they_did_is_said_on_the_form(
    language: str, said: tuple[str, ...], rosa: httpx2.Client, portal: Portal
) -> None:
    portal.services.refuse = (412, "stale-version")
    portal.services.parts.meanwhile = meanwhile()
    path = f"{LUIS}/follow-ups/{FOLLOW_UP}/done?lang={language}"
    page = post(rosa, path, seen="2", words="What I typed")
    assert page.status_code == 412
    for each in (*said, "Denise Okafor", "What I typed"):
        assert each in page.text, each
    assert 'name="seen" value="3"' in page.text


def test_where_there_is_no_form_the_page_says_who_was_faster_and_leads_back(
    rosa: httpx2.Client, portal: Portal
) -> None:
    portal.services.refuse = (412, "stale-version")
    portal.services.parts.meanwhile = meanwhile()
    page = post(rosa, f"/referrals/{referral_id(8)}/undo", seen="2")
    assert page.status_code == 412
    assert "It was put on hold." in page.text
    assert f'href="/referrals/{referral_id(8)}"' in page.text


@pytest.mark.usefixtures("luis")
def test_a_rule_of_the_service_is_said_in_the_readers_language(
    rosa: httpx2.Client, portal: Portal
) -> None:
    portal.services.refuse = (409, "snooze-date")
    path = f"{LUIS}/follow-ups/{FOLLOW_UP}/snooze?lang=es"
    page = post(rosa, path, seen="3", due_on="2027-11-27", reason="other")
    assert "No se cambió nada: elija otro." in page.text


# contacts


def contact(**changes: object) -> dict[str, object]:
    return {
        "attempt": ATTEMPT,
        "kind": "visit",
        "reached": "no",
        "person": MOTHER,
        "happened_at": "2026-11-24T09:30",
        "interpreter": "none",
        "words": "Nobody at home",
        "next_step": "",
        "next_on": "",
        **changes,
    }


def test_a_contact_is_entered_under_the_id_of_its_form(rosa: httpx2.Client, portal: Portal) -> None:
    form = rosa.get(f"{LUIS}/contacts").text
    made = re.search(r'name="attempt" value="([0-9a-f-]{36})"', form)
    assert made is not None
    for _ in range(2):
        done = post(rosa, f"{LUIS}/contacts", **contact(attempt=made[1]))
        assert done.headers["location"] == f"{LUIS}/contacts?done=contact"
    first, second = portal.services.parts.puts
    assert first == second
    assert first == (
        f"/v1/contact-attempts/{made[1]}",
        {
            "student": referral_id(52),
            "referral": referral_id(2),
            "kind": "visit",
            "reached": False,
            "happened_at": "2026-11-24T09:30:00-08:00",
            "interpreter": "none",
            "person": MOTHER,
            "words": "Nobody at home",
        },
    )


def test_nobody_who_may_not_be_told_is_offered_to_be_called(rosa: httpx2.Client) -> None:
    page = rosa.get(f"{LUIS}/contacts").text
    assert "Elena (mother)" in page
    assert "Mateo" not in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reached": ""}, "Say whether you reached them. Nothing was lost."),
        ({"kind": "pigeon"}, "Choose how you tried. Nothing was lost."),
        ({"happened_at": ""}, "Enter when it was. Nothing was lost."),
        ({"next_on": "2026-11-30"}, "Say what is to be done on that day. Nothing was lost."),
    ],
)
def test_a_contact_that_lacks_something_says_what(
    changes: dict[str, str], said: str, rosa: httpx2.Client, portal: Portal
) -> None:
    page = post(rosa, f"{LUIS}/contacts", **contact(**changes))
    assert page.status_code == 422
    assert said in page.text
    assert "Nobody at home" in page.text
    assert portal.services.parts.puts == []


def test_a_script_is_told_whether_to_keep_it(rosa: httpx2.Client, portal: Portal) -> None:
    keeper = re.search(r'data-who="([0-9a-f]+)"', rosa.get(LUIS).text)
    assert keeper is not None
    asks = OWN | {"Accept": "application/json", "X-Enlace-Keeper": keeper[1]}
    sent = rosa.post(f"{LUIS}/contacts", data=contact(), headers=asks)
    assert sent.json() == {"result": "kept", "text": "Recorded.", "warned": False}
    portal.services.refuse = (409, "id-taken")
    assert rosa.post(f"{LUIS}/contacts", data=contact(), headers=asks).json() == {
        "result": "refused",
        "text": "Nothing was changed: choose another.",
    }
    portal.services.away = {"contact-attempts"}
    assert rosa.post(f"{LUIS}/contacts", data=contact(), headers=asks).json()["result"] == "later"
    other = rosa.post(
        f"{LUIS}/contacts", data=contact(), headers=asks | {"X-Enlace-Keeper": "nurse"}
    )
    assert (other.status_code, other.json()["result"]) == (401, "later")
    rosa.cookies.clear()
    gone = rosa.post(f"{LUIS}/contacts", data=contact(), headers=asks)
    assert (gone.status_code, gone.json()["result"]) == (401, "later")


def test_words_of_a_contact_that_should_never_be_written_are_warned_of(
    rosa: httpx2.Client, portal: Portal
) -> None:
    portal.services.warnings = [{"en": "Take the number out.", "es": "Quite el número."}]
    page = post(rosa, f"{LUIS}/contacts", **contact(words="123-45-6789"))
    assert "Take the number out." in page.text
    keeper = re.search(r'data-who="([0-9a-f]+)"', page.text)
    assert keeper is not None
    asks = OWN | {"Accept": "application/json", "X-Enlace-Keeper": keeper[1]}
    sent = rosa.post(f"{LUIS}/contacts", data=contact(), headers=asks).json()
    assert sent == {"result": "kept", "text": "Recorded. Take the number out.", "warned": True}


# notes


def test_a_note_is_written_for_whom_it_is_meant(rosa: httpx2.Client, portal: Portal) -> None:
    done = post(rosa, f"{LUIS}/notes", note=NOTE, words="Quiet child", visibility="only-me")
    assert done.headers["location"] == f"{LUIS}/notes?done=note"
    (entered,) = portal.services.parts.puts
    assert entered == (
        f"/v1/notes/{NOTE}",
        {
            "student": referral_id(52),
            "referral": referral_id(2),
            "words": "Quiet child",
            "visibility": "only-me",
        },
    )


def test_ones_own_note_is_changed_within_the_hour_and_a_colleagues_is_not(
    rosa: httpx2.Client, portal: Portal
) -> None:
    page = rosa.get(f"{LUIS}/notes").text
    assert page.count("/edit") == 1
    assert "/add" not in page
    done = post(rosa, f"{LUIS}/notes/{NOTE}/edit", seen="1", words="New", visibility="care-team")
    assert done.status_code == 303
    assert portal.services.parts.seen == [(f"/v1/notes/{NOTE}/edit", '"1"')]


def test_an_older_note_of_ones_own_is_added_to(rosa: httpx2.Client, portal: Portal) -> None:
    portal.services.parts.notes[0]["editable_until"] = "2026-11-24T17:00:00Z"
    page = rosa.get(f"{LUIS}/notes").text
    made = re.search(r'name="amendment" value="([0-9a-f-]{36})"', page)
    assert made is not None
    done = post(rosa, f"{LUIS}/notes/{NOTE}/add", amendment=made[1], words="More")
    assert done.status_code == 303
    assert portal.services.parts.puts == [
        (f"/v1/notes/{NOTE}/amendments/{made[1]}", {"words": "More"})
    ]


def test_words_that_should_never_be_written_are_warned_of(
    rosa: httpx2.Client, portal: Portal
) -> None:
    portal.services.warnings = [{"en": "Take the number out.", "es": "Quite el número."}]
    page = post(rosa, f"{LUIS}/notes", note=NOTE, words="123-45-6789", visibility="care-team")
    assert "Take the number out." in page.text
    assert f'href="{LUIS}/notes?done=note"' in page.text


def test_no_part_is_shown_to_nobody(anybody: httpx2.Client) -> None:
    for part in ("contacts", "follow-ups", "consent", "offers", "notes", "seen", "do/hold"):
        assert anybody.get(f"{LUIS}/{part}").headers["location"].startswith("/welcome")
