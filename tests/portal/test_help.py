"""Asking for help in the portal: a family's page, a teacher's two fields, the coordinator."""

import re

import httpx2
import pytest

from tests.portal.running import OWN, Portal
from tests.portal.samples import REQUEST, TOKEN, asked_row, referral_id, sample_request
from tests.portal.test_new import FORM, fields

PAGE = "/help/site-01"
WRITTEN = {"child": "Leo", "grade": "3", "words": "Comida", "reach": "510 555 0188"}


def sent(page: str, **changes: str) -> dict[str, str]:
    return {**fields(page), **WRITTEN, **changes}


class TestFamilysPage:
    def test_what_a_family_writes_reaches_referral_once_and_a_receipt_is_shown(
        self, anybody: httpx2.Client, portal: Portal
    ) -> None:
        form = sent(anybody.get(PAGE).text)
        for _ in range(2):
            done = anybody.post(PAGE, data=form, headers=OWN)
            assert (done.status_code, done.headers["location"]) == (303, f"/h/{TOKEN}")
        path = f"/v1/page-help-requests/{form['id']}"
        assert portal.services.posted == [(path, {"site": "site-01", **WRITTEN})] * 2
        receipt = anybody.get(f"/h/{TOKEN}")
        assert "Received" in receipt.text
        assert "Comida" not in receipt.text
        assert receipt.headers["referrer-policy"] == "no-referrer"
        assert anybody.get(f"/h/{'B' * 22}").status_code == 404

    def test_the_portal_asks_by_its_own_name(self, anybody: httpx2.Client, portal: Portal) -> None:
        anybody.post(PAGE, data=sent(anybody.get(PAGE).text), headers=OWN)
        assert re.fullmatch(r"Bearer [\w-]+\.[\w-]+\.[\w-]+", portal.services.tokens[0])

    def test_it_is_in_both_languages(self, anybody: httpx2.Client) -> None:
        assert "Pida ayuda a su escuela" in anybody.get(f"{PAGE}?lang=es").text
        assert "Ask your school for help" in anybody.get(f"{PAGE}?lang=en").text

    def test_a_school_of_nobodys_has_no_page(self, anybody: httpx2.Client) -> None:
        for path in ("/help/site-99", "/help/site-99/sheet"):
            assert anybody.get(path).status_code == 404
        assert anybody.post("/help/site-99", data=WRITTEN, headers=OWN).status_code == 404

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"words": " "}, "Write what you need."),
            ({"child": "", "reach": ""}, "or how we can reach you"),
            ({"reach": "x" * 201}, "One of the answers is too long."),
            ({"subject_line": "buy now"}, "press the button once more"),
        ],
    )
    def test_what_lacks_is_said_and_what_was_typed_stays(
        self, anybody: httpx2.Client, portal: Portal, change: dict[str, str], said: str
    ) -> None:
        form = sent(anybody.get(PAGE).text, **change)
        answer = anybody.post(PAGE, data=form, headers=OWN)
        assert answer.status_code == 422
        assert said in answer.text
        assert form["id"] in answer.text
        assert "buy now" not in answer.text
        assert portal.services.posted == []

    @pytest.mark.parametrize("refusal", [(503, "unavailable"), (409, "id-taken")])
    def test_a_refusal_loses_nothing(
        self, anybody: httpx2.Client, portal: Portal, refusal: tuple[int, str]
    ) -> None:
        portal.services.refuse = refusal
        answer = anybody.post(PAGE, data=sent(anybody.get(PAGE).text), headers=OWN)
        assert answer.status_code == refusal[0]
        assert "Comida" in answer.text

    def test_a_flood_is_held_off_and_keeps_what_was_typed(
        self, anybody: httpx2.Client, portal: Portal
    ) -> None:
        for _ in range(45):  # twice what an hour lets pass: the hour may change meanwhile
            answer = anybody.post(PAGE, data=sent(anybody.get(PAGE).text), headers=OWN)
            if answer.status_code != 303:
                break
        assert answer.status_code == 429
        assert "Very many have written just now." in answer.text
        assert "Comida" in answer.text
        assert 20 <= len(portal.services.posted) <= 40

    def test_the_sheet_has_the_code_and_lines_for_who_has_no_phone(
        self, anybody: httpx2.Client, portal: Portal
    ) -> None:
        sheet = anybody.get(f"{PAGE}/sheet").text
        assert f"{portal.url}{PAGE}" in sheet
        assert "<svg" in sheet
        assert "hand it to the office" in sheet


class TestStaff:
    def test_a_teacher_has_two_fields_and_hears_received_and_handled(
        self, anybody: httpx2.Client, portal: Portal
    ) -> None:
        portal.sign_in(anybody, "teacher-01")
        assert anybody.get("/").headers["location"] == "/ask-for-help"
        page = anybody.get("/ask-for-help").text
        assert re.findall(r'<(?:input type="text"|textarea|select)[^>]* name="(\w+)"', page) == [
            "child",
            "words",
        ]
        assert "Received" in page
        assert "Handled" in page
        assert "/reports" not in page
        form = {**fields(page), "child": "Leo, grade 3", "words": "Sleeps at his desk"}
        done = anybody.post("/ask-for-help", data=form, headers=OWN)
        assert done.headers["location"] == "/ask-for-help?done=asked"
        (posted,) = portal.services.posted
        assert posted == (
            f"/v1/help-requests/{form['id']}",
            {
                "site": "site-01",
                "child": "Leo, grade 3",
                "words": "Sleeps at his desk",
                "source": "staff",
            },
        )

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"child": ""}, "Say which child."),
            ({"words": ""}, "Say in a few words what worries you."),
            ({"words": "x" * 2_001}, "too long"),
        ],
    )
    def test_what_lacks_is_said_and_what_was_typed_stays(
        self, rosa: httpx2.Client, portal: Portal, change: dict[str, str], said: str
    ) -> None:
        form = {**fields(rosa.get("/ask-for-help").text), "child": "Leo", "words": "Tired"}
        answer = rosa.post("/ask-for-help", data={**form, **change}, headers=OWN)
        assert answer.status_code == 422
        assert said in answer.text
        assert portal.services.posted == []

    def test_words_that_must_never_be_stored_warn(
        self, rosa: httpx2.Client, portal: Portal
    ) -> None:
        portal.services.warnings = [{"field": "words", "what": "social-security-number"}]
        form = {**fields(rosa.get("/ask-for-help").text), "child": "Leo", "words": "Tired"}
        done = rosa.post("/ask-for-help", data=form, headers=OWN)
        assert "social-security" in rosa.get(done.headers["location"]).text

    def test_the_coordinator_enters_a_paper(self, rosa: httpx2.Client, portal: Portal) -> None:
        page = rosa.get("/ask-for-help?paper=yes").text
        form = {**fields(page), **WRITTEN}
        assert rosa.post("/ask-for-help", data=form, headers=OWN).status_code == 303
        assert portal.services.posted[0][1] == {"site": "site-01", **WRITTEN, "source": "paper"}

    def test_an_agency_asks_nobody(self, anybody: httpx2.Client, portal: Portal) -> None:
        portal.sign_in(anybody, "dental-desk")
        assert anybody.get("/ask-for-help").status_code == 403


class TestTriage:
    def test_it_is_in_today_with_since_when_and_leads_to_its_page(
        self, rosa: httpx2.Client, portal: Portal
    ) -> None:
        portal.services.today.insert(0, asked_row())
        page = rosa.get("/").text
        assert "Asked for help · since" in page
        assert "Leo, 3rd" in page
        assert f'href="/asked/{REQUEST}"' in page

    def test_a_referral_is_written_prefilled_and_answers_the_request(
        self, rosa: httpx2.Client, portal: Portal
    ) -> None:
        page = rosa.get(f"/asked/{REQUEST}").text
        assert "Somos cinco." in page
        assert 'href="tel:5105550188"' in page
        found = rosa.get(f"/referrals/new?asked={REQUEST}").text
        assert "Ana Ramírez" in found
        link = re.search(r'href="(/referrals/new\?student=[^"]+)"', found)
        assert link is not None
        form = rosa.get(link[1].replace("&amp;", "&")).text
        assert "Somos cinco." in form
        given = fields(form)
        assert given["asked"] == REQUEST
        done = rosa.post("/referrals/new", data={**given, **FORM}, headers=OWN)
        assert done.headers["location"] == f"/referrals/{given['id']}/ask"
        assert portal.services.posted[-1] == (
            f"/v1/help-requests/{REQUEST}/take-up",
            {"referral": given["id"]},
        )

    def test_of_a_family_one_child_is_chosen(self, rosa: httpx2.Client, portal: Portal) -> None:
        children = [
            {"student": referral_id(number), "name": name, "grade": "3", "site": "site-01"}
            for number, name in ((80, "Ana R."), (81, "Leo R."))
        ]
        portal.services.asked_for = sample_request(source="text", child=None, children=children)
        page = rosa.get(f"/asked/{REQUEST}").text
        assert f"/referrals/new?asked={REQUEST}&amp;student={referral_id(81)}" in page

    def test_it_is_marked_as_handled_or_open_already(
        self, rosa: httpx2.Client, portal: Portal
    ) -> None:
        for what, body in (("handled", {"words": "Called"}), ("set-aside", {})):
            done = rosa.post(f"/asked/{REQUEST}/{what}", data={"seen": "1", **body}, headers=OWN)
            assert done.headers["location"] == "/?done=handled"
            assert portal.services.posted[-1] == (f"/v1/help-requests/{REQUEST}/{what}", body)
        assert "hears that it was handled" in rosa.get("/?done=handled").text

    @pytest.mark.parametrize(
        ("refusal", "said"),
        [
            ((409, "already-handled"), "A colleague was faster."),
            ((412, "stale-version"), "changed"),
        ],
    )
    def test_who_was_faster_is_told(
        self, rosa: httpx2.Client, portal: Portal, refusal: tuple[int, str], said: str
    ) -> None:
        portal.services.refuse = refusal
        answer = rosa.post(
            f"/asked/{REQUEST}/handled", data={"seen": "1", "words": "Called"}, headers=OWN
        )
        assert answer.status_code == refusal[0]
        assert said in answer.text
        assert "Called" in answer.text

    def test_nobody_but_a_coordinator_reads_it(
        self, anybody: httpx2.Client, portal: Portal
    ) -> None:
        portal.sign_in(anybody, "nurse-01")
        assert anybody.get(f"/asked/{REQUEST}").status_code == 403
