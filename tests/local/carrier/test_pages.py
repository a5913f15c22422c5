"""The pages, without a browser: words, links, forms and the live stream."""

import re

from deploy.local.carrier.view import clock_words, with_links
from tests.local.carrier.running import FAMILY, LINE, Carrier, eventually


def test_the_list_shows_every_phone(carrier: Carrier) -> None:
    assert "No phone has a text yet" in carrier.http.get("/").text
    carrier.send("Hello Ana")
    page = carrier.http.get("/").text
    assert "+1 415-555-0123" in page
    assert "Hello Ana" in page
    assert 'href="/phones/%2B14155550123"' in page


def test_it_says_that_nobody_is_texted(carrier: Carrier) -> None:
    assert re.search(
        "<b>Simulated phone</b> . nobody is really texted",
        carrier.http.get(f"/phones/{FAMILY}").text,
    )


def test_a_text_is_shown_escaped_with_its_link(carrier: Carrier) -> None:
    carrier.send("See <b>http://127.0.0.1:8400/m/abc?x=1&y=2</b>.")
    page = carrier.http.get(f"/phones/{FAMILY}").text
    assert '<a href="http://127.0.0.1:8400/m/abc?x=1&amp;y=2"' in page
    assert "&lt;b&gt;" in page


def test_a_link_ends_before_the_full_stop() -> None:
    assert with_links("(http://a.test/b).") == (
        '(<a href="http://a.test/b" target="_blank" rel="noopener noreferrer">http://a.test/b'
        '<span class="sr"> (opens in a new tab)</span></a>).'
    )


def test_the_family_answers_from_the_page(carrier: Carrier) -> None:
    carrier.send()
    response = carrier.http.post(f"/phones/{FAMILY}", data={"body": "Line one\r\nLine two"})
    assert response.status_code == 303
    assert response.headers["location"] == "/phones/%2B14155550123#answer"
    answer = carrier.phone()[-1]
    assert (answer["direction"], answer["to"]) == ("inbound", LINE)
    assert answer["body"] == "Line one\nLine two"


def test_a_quick_answer_is_sent_as_it_is(carrier: Carrier) -> None:
    carrier.http.post(f"/phones/{FAMILY}", data={"body": "", "quick": "STOP"})
    page = carrier.http.get(f"/phones/{FAMILY}").text
    assert "This phone has answered STOP to +1 415-555-0100" in page


def test_an_empty_answer_is_explained_and_nothing_is_sent(carrier: Carrier) -> None:
    response = carrier.http.post(f"/phones/{FAMILY}", data={"body": " "})
    assert response.status_code == 400
    assert "Write something first." in response.text
    assert carrier.phone() == []


def test_a_text_that_never_arrives_says_so(carrier: Carrier) -> None:
    to = "+15005553003"
    carrier.send(to=to)
    carrier.settled("undelivered", number=to)
    page = carrier.http.get(f"/phones/{to}").text
    assert "This phone never got it: unreachable destination handset (30003)" in page


def test_a_number_can_be_typed_as_people_write_it(carrier: Carrier) -> None:
    response = carrier.http.get("/phones", params={"number": "(415) 555-0123"})
    assert (response.status_code, response.headers["location"]) == (303, "/phones/%2B14155550123")
    response = carrier.http.get("/phones", params={"number": "<Ana>"})
    assert response.status_code == 400
    assert "That is not a phone number" in response.text
    assert 'value="&lt;Ana&gt;"' in response.text
    assert carrier.http.get("/phones/Ana").status_code == 404


def test_many_texts_are_reached_page_by_page(carrier: Carrier) -> None:
    for number in range(101):
        carrier.family_texts(f"Text {number}")
    page = carrier.http.get(f"/phones/{FAMILY}").text
    assert "Text 0<" not in page
    earlier = re.search(r'href="([^"]+\?before=\d+)"', page)
    assert earlier is not None
    assert "Text 0<" in carrier.http.get(earlier[1]).text


def test_an_open_page_hears_of_a_new_text(carrier: Carrier) -> None:
    seen: list[str] = []
    with carrier.http.stream("GET", f"/phones/{FAMILY}/live") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        assert next(lines) == "data: "
        carrier.send("Hello Ana")
        for line in lines:
            seen.append(line)
            if "Hello Ana" in line:
                break
    assert any('class="text them' in line for line in seen)


def test_an_open_page_does_not_hold_up_the_end(carrier: Carrier) -> None:
    with carrier.http.stream("GET", "/live") as stream:
        lines = stream.iter_lines()
        next(lines)
        carrier.stop()
        assert list(lines) is not None
    carrier.start()


def test_pages_load_nothing_from_elsewhere(carrier: Carrier) -> None:
    carrier.send()
    response = carrier.http.get(f"/phones/{FAMILY}")
    policy = response.headers["content-security-policy"]
    nonce = re.search("'nonce-([^']+)'", policy)
    assert nonce is not None
    assert policy.startswith("default-src 'none'")
    assert response.text.count(f'nonce="{nonce[1]}"') == 2
    assert not re.findall(r'(?:src|href)="http', response.text)


def test_the_state_of_an_answer_is_said(carrier: Carrier) -> None:
    carrier.family_texts("Hello")
    assert "not handed over to anyone" in carrier.http.get(f"/phones/{FAMILY}").text
    carrier.http.put(
        "/sim/settings", json={"inbound_url": "http://127.0.0.1:9/", "retry_seconds": []}
    )
    carrier.family_texts("Hello again")
    eventually(
        lambda: "Could not be handed over (1 attempts" in carrier.http.get(f"/phones/{FAMILY}").text
    )


def test_the_clock_is_put_into_words() -> None:
    assert clock_words(0.2) == ""
    assert clock_words(86_400) == "1 day ahead"
    assert clock_words(-7200) == "2 hours behind"
