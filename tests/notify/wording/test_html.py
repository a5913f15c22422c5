"""A mail as a page: its words escaped, its links named, nothing fetched."""

from contracts.codes import Language
from services.notify.wording.compose import Letter
from services.notify.wording.html import page

LINK = "https://enlace.example.org/f/kJ8_x0Qz-7mWvR3nT5bYcA"


def letter(text: str, subject: str = "Hola", language: Language = Language.SPANISH) -> Letter:
    return Letter(language, subject, text)


def test_words_that_look_like_a_page_stay_words() -> None:
    html = page([letter("Soy <script>alert(1)</script> & co.", 'A "b" <i>')])
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co." in html
    assert "<title>A &quot;b&quot; &lt;i&gt;</title>" in html


def test_a_line_that_is_a_link_is_a_button_and_lines_of_a_paragraph_stay_lines() -> None:
    html = page([letter(f"Buenos días:\n\nVea cómo va:\n{LINK}\n\nUn saludo,\nRosa")])
    assert '<p>Vea cómo va:</p>\n<p><a class="button" href' in html
    assert f'href="{LINK}">Abrir la página</a>' in html
    assert "<p>Un saludo,<br>Rosa</p>" in html


def test_links_of_one_mail_can_be_told_apart() -> None:
    html = page([letter(f"Vean:\n{LINK}\n{LINK}x")])
    assert ">Abrir la página (1/2)</a>" in html
    assert ">Abrir la página (2/2)</a>" in html


def test_a_link_cannot_leave_its_attribute() -> None:
    html = page([letter('https://e.example.org/"onclick="x')])
    assert 'onclick="x' not in html


def test_the_way_out_is_there_where_there_is_one() -> None:
    assert "correos</a>" in page([letter("x")], f"{LINK}/stop")
    assert 'class="foot"' not in page([letter("x")])
