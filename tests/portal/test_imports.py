"""What imports of the directory came to, on the pages of an administrator."""

import httpx2

from tests.portal.running import Portal
from tests.portal.samples_partners import KIND, LIVE
from tests.portal.test_ask import text_of

PAGE = f"/partners/imports/{LIVE}"


def test_an_import_is_listed_and_its_problems_are_counted_by_kind_and_paged(
    anybody: httpx2.Client, portal: Portal
) -> None:
    portal.sign_in(anybody, "admin")
    listed = text_of(anybody.get("/partners/imports"))
    assert "county" in listed
    assert "120 problems" in listed
    page = anybody.get(PAGE)
    assert "3 new · 40 the same" in text_of(page)
    assert f"{PAGE}?kind={KIND}#problems" in page.text
    assert text_of(page).count("Write a number from 0 to 130.") == 50
    assert "line 2" in text_of(page)
    last = anybody.get(f"{PAGE}?kind={KIND}&after=100")
    assert text_of(last).count("Write a number from 0 to 130.") == 20
    assert "Further problems" not in text_of(last)


def test_its_problems_are_told_in_spanish(anybody: httpx2.Client, portal: Portal) -> None:
    portal.sign_in(anybody, "admin")
    page = text_of(anybody.get(f"{PAGE}?lang=es"))
    assert "Esto no es un número. Escriba un número de 0 a 130." in page
    assert "This is not a number" not in page


def test_imports_are_an_administrators(rosa: httpx2.Client) -> None:
    assert rosa.get("/partners/imports").status_code == 403
    assert "/partners/imports" not in rosa.get("/partners").text
