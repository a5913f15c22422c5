"""What was released, for staff as JSON and for a guardian on paper, on a real database."""

import re
from datetime import timedelta

import pytest

from contracts.codes import LinkPurpose
from services.chassis.auth import ServiceIdentity
from services.chassis.ids import new_id
from services.chassis.links import derive_token, read_link_key
from tests.referral.consents.scene import SMILES, Scene, slug


async def disclosed(scene: Scene) -> dict[str, str]:
    """Let Smiles read three referrals: dental, counseling by the mother, counseling confided."""
    ids = {"dental": await scene.give()}
    for name, category, consent in (
        ("dental", "dental", None),
        ("mothers", "mental-health", scene.give(categories=["mental-health"])),
        ("own", "mental-health", scene.confide()),
    ):
        if consent is not None:
            ids[name] = await consent
        referral, claim = await scene.taken(category)
        assert (await scene.read(referral, claim)).status_code == 200
        ids[f"{name} referral"] = referral
    return ids


def words(html: str) -> str:
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)
    return " ".join(text.split())


async def test_staff_see_every_reading_newest_first(scene: Scene) -> None:
    ids = await disclosed(scene)
    path = f"/v1/families/{scene.family}/disclosures"
    first = await scene.done("GET", f"{path}?limit=2")
    rest = await scene.done("GET", f"{path}?limit=2&cursor={first['next']}")
    seen = [*first["items"], *rest["items"]]
    assert [each["referral"] for each in seen] == [
        ids["own referral"],
        ids["mothers referral"],
        ids["dental referral"],
    ]
    assert [each["confidential"] for each in seen] == [True, False, False]
    assert [each["category"] for each in seen] == ["mental-health", "mental-health", "dental"]
    assert seen[0]["parts"] == ["name", "need"]
    assert seen[2]["parts"] == ["name", "contact", "need"]
    assert rest["next"] is None
    admins = await scene.done("GET", path, who="admin")
    assert [each["referral"] for each in admins["items"]] == [ids["dental referral"]]
    assert (await scene.call("GET", path, who="denise")).status_code == 404
    assert (await scene.call("GET", path, who="nurse")).status_code == 403


@pytest.mark.parametrize(
    ("language", "title", "row"),
    [
        (
            "es",
            "Con quién se compartieron los datos de su familia",
            (
                "13 de octubre de 2026 Ana una agencia cuyo nombre no está en esta copia servicio: "
                "un servicio cuyo nombre no está en esta copia nombre y fecha de nacimiento,"
                " teléfono y correo de la familia, lo que se necesita expediente de "
                "salud dentista: conseguir el servicio Permiso de Elena, del 13 de octubre de 2026 "
                "al 30 de junio de 2027"
            ),
        ),
        (
            "en",
            "Who was given your family's records",
            (
                "October 13, 2026 Ana an agency whose name is not in this copy service: a service "
                "whose name is not in this copy name and birth date, the "
                "family's phone and email, what is needed health records dentist: to arrange the "
                "service Consent of Elena, from October 13, 2026 to June 30, 2027"
            ),
        ),
    ],
)
async def test_a_report_says_who_read_what_when_why_and_on_which_consent(
    scene: Scene, language: str, title: str, row: str
) -> None:
    await disclosed(scene)
    path = f"/v1/families/{scene.family}/disclosure-report?language={language}"
    answer = await scene.call("GET", path)
    assert answer.headers["content-type"].startswith("text/html")
    assert f'<html lang="{language}">' in answer.text
    assert "<th scope=" in answer.text
    text = words(answer.text.replace("&#39;", "'"))
    assert title in text
    assert row in text


async def test_a_guardians_report_is_silent_about_what_a_student_confided(scene: Scene) -> None:
    ids = await disclosed(scene)
    without_own = []
    for reader in ("", f"&contact={scene.mother}"):
        path = f"/v1/families/{scene.family}/disclosure-report?language=en{reader}"
        html = (await scene.call("GET", path)).text
        assert ids["own"] not in html
        assert ids["own referral"] not in html
        without_own.append(html.count('<th scope="row">'))
        assert ("counselling" in html) is bool(reader), "hers, on her own report only"
        assert "2 times" not in html
    assert without_own == [1, 2]
    # The paper is the same, to the letter, whether or not there is something to be silent about.
    scene.student = new_id()
    child = {
        "site": "site-01",
        "family": scene.family,
        "given_name": "Leo",
        "family_name": "Ramírez",
        "birth_date": "2012-01-01",
    }
    await scene.done("PUT", f"/v1/students/{scene.student}", child)
    path = f"/v1/families/{scene.family}/disclosure-report?language=en&contact={scene.mother}"
    before = (await scene.call("GET", path)).text
    await scene.confide()
    referral, claim = await scene.taken("mental-health")
    assert (await scene.read(referral, claim)).status_code == 200
    assert (await scene.call("GET", path)).text == before


async def test_names_that_the_caller_passes_stand_for_ids_and_are_escaped(scene: Scene) -> None:
    await disclosed(scene)
    path = f"/v1/families/{scene.family}/disclosure-report"
    names = ["agy-smiles:Invented Smiles <b>", "svc-smiles:Check-ups: all ages"]
    html = (await scene.call("GET", path, params={"name": names})).text
    assert "Invented Smiles &lt;b&gt;" in html
    assert "Check-ups: all ages" in html
    assert "agy-smiles" not in html
    bad = await scene.call("GET", path, params={"name": ["no colon"]})
    assert bad.status_code == 422


async def test_a_revoked_consent_is_told_as_taken_back(scene: Scene) -> None:
    ids = await disclosed(scene)
    await scene.revoke(ids["dental"], by=scene.mother)
    path = f"/v1/families/{scene.family}/disclosure-report?language=es"
    assert "retirado el 13 de octubre de 2026" in (await scene.call("GET", path)).text


async def test_a_report_is_made_for_somebody_who_may_be_told_only(scene: Scene) -> None:
    path = f"/v1/families/{scene.family}/disclosure-report"
    for contact in (scene.father, new_id()):
        answer = await scene.call("GET", f"{path}?contact={contact}")
        assert (answer.status_code, slug(answer)) == (409, "may-not-be-told")
    assert (await scene.call("GET", path, who="denise")).status_code == 404
    assert (await scene.call("GET", f"{path}?language=fr")).status_code == 422
    empty = await scene.call("GET", f"{path}?language=en")
    assert "No agency has read records" in empty.text


async def page(scene: Scene, referral: str, person: str) -> int:
    """Let a text go out to somebody if it may, and open the link that would be in it."""
    check = {"referral": referral, "template": "family-asked", "person": person}
    notify = ServiceIdentity("notify", scene.keys).token("referral")
    await scene.service.http.post(
        "/v1/message-checks", json=check, headers={"Authorization": f"Bearer {notify}"}
    )
    token = derive_token(
        read_link_key(scene.keys),
        purpose=LinkPurpose.FAMILY_STATUS,
        subject=referral,
        recipient=person,
        nonce=(await scene.state(referral)).nonce,
    )
    headers = {"X-Enlace-Link": token}
    return (await scene.service.http.get("/v1/family-status", headers=headers)).status_code


async def test_a_students_page_is_on_no_contacts_link(scene: Scene) -> None:
    await scene.confide()
    await scene.give()
    confided, known = await scene.referral("mental-health"), await scene.referral("dental")
    for referral in (confided, known):
        await scene.offer(referral, SMILES)
    scene.clock.advance(timedelta(hours=1))
    assert await page(scene, confided, scene.mother) == 404
    assert await page(scene, confided, scene.student) == 200
    assert await page(scene, known, scene.mother) == 200
    assert await page(scene, known, scene.student) == 404
