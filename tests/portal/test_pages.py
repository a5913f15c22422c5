"""Pages over HTTP: who sees them, what they say, what they do, and what they never tell."""

import re

import httpx2
import pytest

from tests.portal.running import OWN, Portal
from tests.portal.samples import (
    DENTAL,
    TOKEN,
    accepted_card,
    ago,
    call,
    entry,
    referral_id,
    row,
    sample_card,
    sample_status,
)

CARD = f"/a/{TOKEN}"
FAMILY = f"/f/{TOKEN}"


def test_nobody_sees_the_queue_without_signing_in(anybody: httpx2.Client) -> None:
    answer = anybody.get("/?show=crisis")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/welcome?to=%2F%3Fshow%3Dcrisis"


def test_the_coordinator_sees_whom_to_help_first(rosa: httpx2.Client) -> None:
    page = rosa.get("/").text
    assert "7 children need you today" in page
    assert page.index("Ana R.") < page.index("Luis P.") < page.index("Daniel O.")
    assert "Kim L." not in page
    assert re.search(r"Crisis · 4\d minutes", page)
    assert "Puente Counseling Center took it and has not said how it goes." in page


def test_a_child_has_one_row_with_every_reason_in_words(rosa: httpx2.Client) -> None:
    page = rosa.get("/").text
    assert page.count("Ana R.</a>") == 1
    assert re.search(r'<a class="tap" href="[^"]*/offers">Nobody has answered · time until', page)
    assert "keeps it until" in page
    assert "Two rounds passed without an answer." in page


def test_what_no_referral_calls_for_is_said_without_a_link(
    rosa: httpx2.Client, portal: Portal
) -> None:
    report = {"referral": None, "category": None, "deadline": ago(hours=-3)}
    written = call(70, "protection-report", "file-report", ago(hours=1), **report)
    task = call(71, "overdue-task", "do-task", ago(days=1), referral=None, category=None)
    portal.services.today = [row(70, "Pilar Q.", written, task), *portal.services.today]
    page = rosa.get("/").text
    assert "Child-protection report · since" in page
    assert "The written report must be in by" in page
    assert "Send the written report" in page
    assert "<li>A task is overdue" in page
    assert '<span class="who">Pilar Q.</span>, grade 3</p>' in page
    assert "/referrals/None" not in page
    assert "Pilar Q." in rosa.get("/?show=task").text


def test_a_row_leads_to_where_it_is_settled_and_to_what_else_can_be_done(
    rosa: httpx2.Client, portal: Portal
) -> None:
    waits = call(2, "overdue-follow-up", "call-family", ago(days=1), follow_up="look-in-1")
    portal.services.today = [row(2, "Luis P.", waits)]
    page = rosa.get("/").text
    home = f"/referrals/{referral_id(2)}"
    assert f'<a class="who" href="{home}/follow-ups#f-look-in-1"' in page
    for part in ("/contacts", "/follow-ups#f-look-in-1", "/notes", ""):
        assert f'<li><a href="{home}{part}">' in page


def test_a_filter_shows_every_child_with_a_reason_of_its_group(rosa: httpx2.Client) -> None:
    page = rosa.get("/?show=ending").text
    assert "Ana R." in page
    assert "Luis P." not in page


def test_what_is_under_way_is_listed_apart(rosa: httpx2.Client) -> None:
    page = rosa.get("/?show=under-way").text
    assert "Kim L." in page
    assert "Luis P." not in page


def test_the_queue_speaks_spanish_and_remembers_it(rosa: httpx2.Client) -> None:
    assert "7 niños le necesitan hoy" not in rosa.get("/").text
    assert "7 niños le necesitan hoy" in rosa.get("/?lang=es").text
    assert "7 niños le necesitan hoy" in rosa.get("/").text


def test_a_referral_says_where_it_stands_and_what_happened(rosa: httpx2.Client) -> None:
    page = rosa.get(f"/referrals/{referral_id(1)}").text
    assert "Nobody has taken it yet. Call the family now." in page
    assert "Puente Counseling Center said no: they have no seats." in page
    assert "Salgo a las 12." in page


def test_the_services_get_the_readers_own_token(rosa: httpx2.Client, portal: Portal) -> None:
    rosa.get("/")
    tokens = {headers.get("authorization") for _, headers in portal.services.asked}
    assert len(tokens) == 1
    assert next(iter(tokens), "") not in {None, ""}


def test_messages_that_cannot_be_had_leave_the_rest_of_the_page(
    rosa: httpx2.Client, portal: Portal
) -> None:
    portal.services.away = {f"referrals/{referral_id(1)}/conversation", "agencies"}
    page = rosa.get(f"/referrals/{referral_id(1)}")
    assert page.status_code == 200
    assert "The messages cannot be shown just now" in page.text


@pytest.mark.parametrize("id", ["nonsense", referral_id(99)])
def test_a_referral_that_is_not_there_is_a_sentence(rosa: httpx2.Client, id: str) -> None:
    answer = rosa.get(f"/referrals/{id}")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text


def test_a_service_that_is_away_is_a_sentence(rosa: httpx2.Client, portal: Portal) -> None:
    portal.services.away = {"today"}
    answer = rosa.get("/")
    assert answer.status_code == 503
    assert "Nothing was lost. Try again in a minute." in answer.text


def test_a_role_without_a_queue_is_told_so(anybody: httpx2.Client, portal: Portal) -> None:
    portal.sign_in(anybody, "auditor")
    assert "There is nothing here for your role" in anybody.get("/").text


def test_signing_out_ends_the_session(rosa: httpx2.Client) -> None:
    kept = dict(rosa.cookies)
    assert rosa.post("/sign-out", headers=OWN).status_code == 303
    rosa.cookies.update(kept)
    assert rosa.get("/").status_code == 303


def test_whom_to_ask_is_chosen_and_sent_with_the_version_seen(
    rosa: httpx2.Client, portal: Portal
) -> None:
    path = f"/referrals/{referral_id(4)}/ask"
    page = rosa.get(path).text
    assert "Riverbend Family Dental" in page
    assert "Last told us about seats" in page
    sent = rosa.post(path, data={"seen": "3", "place": f"s1@{DENTAL}"}, headers=OWN)
    assert sent.status_code == 303
    assert portal.services.posted == [
        (
            f"/v1/referrals/{referral_id(4)}/offer",
            {"candidates": [{"service": "s1", "agency": DENTAL}]},
        )
    ]
    headers = dict(portal.services.asked)[f"/v1/referrals/{referral_id(4)}/offer"]
    assert headers["if-match"] == '"3"'


def test_choosing_nobody_is_asked_again(rosa: httpx2.Client, portal: Portal) -> None:
    answer = rosa.post(f"/referrals/{referral_id(4)}/ask", data={"seen": "3"}, headers=OWN)
    assert answer.status_code == 422
    assert "Choose at least one place." in answer.text
    assert portal.services.posted == []


def test_the_leadership_sees_shares_and_no_small_number(
    anybody: httpx2.Client, portal: Portal
) -> None:
    portal.sign_in(anybody, "principal-01")
    page = anybody.get("/reports").text
    assert "67 %" in page
    assert "not shown" in page
    assert "Months before November 2026 are counted." in page


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {},
    ],
)
def test_a_command_from_another_site_is_refused(
    rosa: httpx2.Client, headers: dict[str, str]
) -> None:
    answer = rosa.post("/sign-out", headers=headers)
    assert answer.status_code == 403
    assert "This came from another website" in answer.text
    assert rosa.get("/").status_code == 200


def test_a_browser_without_fetch_metadata_is_known_by_its_origin(
    rosa: httpx2.Client, portal: Portal
) -> None:
    assert rosa.post("/sign-out", headers={"Origin": portal.url}).status_code == 303


def test_a_link_is_not_acted_on_by_another_site(anybody: httpx2.Client, portal: Portal) -> None:
    answer = anybody.post(f"{CARD}/claim", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert portal.services.posted == []


@pytest.mark.parametrize("path", ["/", "/welcome", CARD, FAMILY, "/a/unknown", "/static/no"])
def test_every_answer_carries_its_protection(anybody: httpx2.Client, path: str) -> None:
    headers = anybody.get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    if path.startswith(("/a/", "/f/")):
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"


def test_an_offer_tells_its_bands_and_nothing_finer(anybody: httpx2.Client) -> None:
    page = anybody.get(CARD).text
    assert "grades 3–5 · ZIP begins with 946 · best time: afternoons" in page  # noqa: RUF001 - a range takes a dash
    assert "94601" not in page


def test_looking_at_an_offer_changes_nothing(anybody: httpx2.Client, portal: Portal) -> None:
    page = anybody.get(CARD).text
    assert "A child aged 7\u20139 needs a dentist. Can you help?" in page
    assert portal.services.posted == []


def test_a_yes_is_one_press(anybody: httpx2.Client, portal: Portal) -> None:
    answer = anybody.post(f"{CARD}/claim", headers=OWN)
    assert answer.headers["location"] == f"{CARD}?done=claim"
    assert portal.services.posted == [("/v1/answers/claim", {})]
    assert "Thank you: we have your yes." in anybody.get(f"{CARD}?done=claim").text


def test_who_was_second_is_thanked(anybody: httpx2.Client, portal: Portal) -> None:
    portal.services.refuse = (409, "taken")
    portal.services.card = sample_card(state="taken", next_actions=[])
    answer = anybody.post(f"{CARD}/claim", headers=OWN)
    assert answer.status_code == 409
    assert "This child has a place. Thank you." in answer.text


def test_a_no_has_its_reason(anybody: httpx2.Client, portal: Portal) -> None:
    assert "We have no seats" in anybody.get(f"{CARD}/decline").text
    anybody.post(f"{CARD}/decline", data={"reason": "no-capacity"}, headers=OWN)
    assert portal.services.posted == [("/v1/answers/decline", {"reason": "no-capacity"})]


def test_another_reason_needs_words(anybody: httpx2.Client, portal: Portal) -> None:
    answer = anybody.post(f"{CARD}/decline", data={"reason": "other"}, headers=OWN)
    assert answer.status_code == 422
    assert portal.services.posted == []


def test_seats_are_told_with_the_version_seen(anybody: httpx2.Client, portal: Portal) -> None:
    anybody.post(f"{CARD}/seats", data={"available": "3", "seen": "4"}, headers=OWN)
    assert portal.services.posted == [("/v1/answers/seats", {"available": 3, "version": 4})]


def test_an_appointment_is_of_the_schools_zone(anybody: httpx2.Client, portal: Portal) -> None:
    portal.services.card = accepted_card()
    assert anybody.get(f"{CARD}/progress").status_code == 200
    anybody.post(
        f"{CARD}/progress",
        data={"progress": "scheduled", "appointment": "2026-12-03T15:30"},
        headers=OWN,
    )
    assert portal.services.posted == [
        (
            "/v1/answers/progress",
            {"progress": "scheduled", "appointment": "2026-12-03T15:30:00-08:00"},
        )
    ]


def test_an_appointment_without_a_date_is_asked_again(
    anybody: httpx2.Client, portal: Portal
) -> None:
    portal.services.card = accepted_card()
    answer = anybody.post(f"{CARD}/progress", data={"progress": "scheduled"}, headers=OWN)
    assert answer.status_code == 422
    assert "Give the day and hour of the appointment." in answer.text


def test_who_the_child_is_takes_the_code(anybody: httpx2.Client, portal: Portal) -> None:
    portal.services.card = accepted_card()
    assert "Send me the code" in anybody.get(f"{CARD}/who").text
    assert "The code is on its way" in anybody.post(f"{CARD}/code", headers=OWN).text
    page = anybody.post(f"{CARD}/who", data={"code": "123 456"}, headers=OWN)
    assert page.headers["cache-control"] == "no-store"
    assert "Ana Ramírez" in page.text
    assert "tel:+15105550123" in page.text
    assert portal.services.posted[-1] == ("/v1/answers/identity-token", {"code": "123456"})


def test_a_wrong_code_shows_nothing(anybody: httpx2.Client, portal: Portal) -> None:
    portal.services.card = accepted_card()
    portal.services.refuse = (403, "code-wrong")
    page = anybody.post(f"{CARD}/who", data={"code": "000000"}, headers=OWN)
    assert page.status_code == 403
    assert "That is not the code" in page.text
    assert "Ana" not in page.text


def test_a_link_never_stands_in_an_address_behind_the_portal(
    anybody: httpx2.Client, portal: Portal
) -> None:
    anybody.get(CARD)
    anybody.get(FAMILY)
    assert portal.services.asked
    assert all(TOKEN not in path for path, _ in portal.services.asked)


def test_a_family_is_spoken_to_in_its_language(anybody: httpx2.Client) -> None:
    page = anybody.get(FAMILY, headers={"Accept-Language": "en"}).text
    assert '<html lang="es">' in page
    assert "Hola, Elena. Ana tiene una cita." in page
    assert "Jueves 3 de diciembre" in page
    assert 'href="tel:+15105550100"' in page
    assert "Llamar a Rosa" in page


def test_a_family_can_take_its_appointment_into_its_calendar(
    anybody: httpx2.Client, portal: Portal
) -> None:
    assert f'href="{FAMILY}/cita.ics">Ponerla en mi calendario</a>' in anybody.get(FAMILY).text
    answer = anybody.get(f"{FAMILY}/cita.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    assert "SUMMARY:Cita · Lincoln Elementary" in answer.text
    assert "DTSTART:20261203T" in answer.text
    assert "dental" not in answer.text.lower()
    portal.services.status = sample_status(state="requested", business=None, appointment=None)
    assert "cita.ics" not in anybody.get(FAMILY).text
    assert anybody.get(f"{FAMILY}/cita.ics").status_code == 404


def test_a_family_can_change_the_language(anybody: httpx2.Client) -> None:
    assert "Hello Elena. Ana has an appointment." in anybody.get(f"{FAMILY}?lang=en").text


@pytest.mark.parametrize(
    ("state", "business", "said"),
    [
        ("requested", "offered", "Estamos buscando un lugar"),
        ("requested", "awaiting-consent", "si usted da permiso"),
        ("completed", "disputed", "la ayuda no llegó"),
        ("completed", "family-verified", "llegó la ayuda"),
        ("rejected", None, "Esta solicitud para Ana terminó"),
        ("a-later-state", None, "Esta solicitud para Ana terminó"),
    ],
)
def test_every_state_is_said_to_the_family(
    anybody: httpx2.Client, portal: Portal, state: str, business: str | None, said: str
) -> None:
    portal.services.status = sample_status(state=state, business=business, appointment=None)
    assert said in anybody.get(FAMILY).text


def test_a_link_that_is_none_is_a_sentence(anybody: httpx2.Client) -> None:
    for path in ("/a/unknown", "/f/unknown"):
        answer = anybody.get(path)
        assert answer.status_code == 404
        assert "There is no such page" in answer.text


def test_a_familys_link_that_shows_nothing_says_so_in_every_language(
    anybody: httpx2.Client,
) -> None:
    text = anybody.get("/f/unknown").text
    assert "There is no such page" in text
    assert '<div class="stack" lang="es"><h2>No existe esta página' in text
    spanish = anybody.get("/f/unknown", headers={"Accept-Language": "es-MX"}).text
    assert "<h1>No existe esta página" in spanish
    assert 'lang="en"><h2>There is no such page' in spanish


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_signing_in_never_leads_to_another_site(anybody: httpx2.Client, to: str) -> None:
    page = anybody.get("/welcome", params={"to": to}).text
    assert 'href="/sign-in?to=/"' in page


def test_the_watch_sends_what_happened_and_ends_with_the_session(
    rosa: httpx2.Client, portal: Portal
) -> None:
    path = f"/referrals/{referral_id(1)}/events"
    with rosa.stream("GET", path, headers={"Accept": "text/event-stream"}) as stream:
        lines = stream.iter_lines()
        assert "Nobody has taken it yet" in _message(lines)
        portal.services.timeline = [
            *portal.services.timeline,
            entry("e6", "offering.claimed", agency=DENTAL),
        ]
        assert "Riverbend Family Dental said yes." in _message(lines)
        with portal.client() as other:
            other.cookies.update(dict(rosa.cookies))
            other.post("/sign-out", headers=OWN)
        assert "event: end" in _message(lines)


def _message(lines: object) -> str:
    """Return the next event of a stream, without the comments that keep it open."""
    found: list[str] = []
    for line in lines:  # type: ignore[attr-defined] # an iterator of texts
        if line.startswith(":"):
            continue
        if line == "" and found:
            return "\n".join(found)
        if line:
            found.append(line)
    raise AssertionError("the stream ended")
