"""A copy holds all that is held: field by field of every record, or the reason why not."""

import importlib
import pkgutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

import services.referral
from contracts.codes import Audience, Channel, Language, Relation
from contracts.help_requests import Asked, RequestSource
from contracts.people import Profile
from services.chassis.privacy import Vault, read_root_key
from services.chassis.store import Aggregate, Change, Ref
from services.referral.model.attempts import ContactAttempt
from services.referral.model.care import CareTeam
from services.referral.model.consent import ConsentBook, Disclosure
from services.referral.model.deletion import DeletionRequest
from services.referral.model.follow_up import FollowUpNote
from services.referral.model.hand_off import HandOff
from services.referral.model.help_request import HelpRequest
from services.referral.model.household import ContactDetails, OtherPhone
from services.referral.model.meeting import Meeting
from services.referral.model.notes import Note, Visibility
from services.referral.model.people import Enrolment, Family, Student
from services.referral.model.referral import Referral
from services.referral.store import TimelineEntry
from tests.referral.consents.scene import Scene, scene_in
from tests.referral.export_ledger import EXPORTED, LEFT_OUT, LEFT_OUT_EVERYWHERE, WHOLE
from tests.referral.filled import NOON, Filler
from tests.referral.test_export_api import Notify, export
from tests.referral.test_export_api import notify as notify  # noqa: PLC0414 - a fixture
from tests.servers import Cell


def stored() -> Iterator[type[Aggregate]]:
    """Yield every kind of record that referral stores."""
    for module in pkgutil.walk_packages(services.referral.__path__, "services.referral."):
        importlib.import_module(module.name)
    waiting: list[type[Aggregate]] = [Aggregate]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("services.referral.") and kind is not Aggregate:
            yield kind


def fields(kind: type[BaseModel], before: str = "") -> Iterator[str]:
    for name, field in kind.model_fields.items():
        yield before + name
        for inner in models_in(field.annotation):
            yield from fields(inner, f"{before}{name}.")


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for each in get_args(annotation):
        yield from models_in(each)


KINDS: dict[str, type[Aggregate]] = {each.__name__: each for each in stored()}


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_field_is_in_the_copy_or_left_out_with_its_reason(name: str) -> None:
    kind = KINDS[name]
    if name in WHOLE:
        assert name not in EXPORTED
        return
    known = {**LEFT_OUT.get(name, {}), **EXPORTED[name]}
    there = set(fields(kind))
    unnamed = {
        each for each in there - set(known) if each.rpartition(".")[2] not in LEFT_OUT_EVERYWHERE
    }
    assert not unnamed, "say in export_ledger.py where a copy has it, or why it has it not"
    assert set(known) <= there, "these fields are gone"
    assert not set(LEFT_OUT.get(name, {})) & set(EXPORTED[name])


def test_the_lists_name_nothing_that_is_not_stored() -> None:
    names = {kind.__name__ for kind in stored()}
    assert set(EXPORTED) | set(WHOLE) | set(LEFT_OUT) == names


@pytest.fixture
async def scene(cell: Cell, tmp_path: Path, notify: Notify) -> AsyncIterator[Scene]:
    del notify
    async with scene_in(cell, tmp_path) as found:
        yield found


async def whole_family(scene: Scene, keys: Path) -> None:
    """Store one record of every kind about the child, with every field filled."""
    chassis = scene.service.chassis
    vault = Vault(chassis.mongo, chassis.settings.database("keys_people"), read_root_key(keys))
    fixed = {
        "family": scene.family,
        "student": scene.student,
        "site": "site-01",
        "zone": "America/Los_Angeles",
        "referral": "ref-1",
        "version": 0,
        "next_due": None,
        "audience": Audience.GUARDIAN,
        "calls_from": None,
        "calls_until": None,
    }
    filler = Filler(vault, scene.student, fixed)
    profile = Profile(
        given_name="Elena",
        relation=Relation.MOTHER,
        reads=Language.SPANISH,
        phone="+15105550123",
        email="elena@example.org",
        preferred=Channel.SMS,
        may_be_told=True,
    )
    details = ContactDetails(
        family_name="Inventada",
        phones=(OtherPhone(number="+15105550124", label="work"),),
        speaks="mix",
        interpreter=True,
        custody_note="A note for the coordinator alone",
    )

    asked = await vault.seal(scene.student, Asked(words="HelpRequest.asked"))
    made = [
        await filler.fill(ConsentBook, id=scene.student),
        await filler.fill(Referral, id="ref-1", claim=None, student=scene.student),
        await filler.fill(HandOff, id="hand-1"),
        await filler.fill(TimelineEntry),
        await filler.fill(Note, visibility=Visibility.CARE_TEAM),
        await filler.fill(ContactAttempt, person=scene.mother),
        await filler.fill(CareTeam, id=scene.student),
        await filler.fill(Meeting),
        await filler.fill(
            HelpRequest, source=RequestSource.TEXT, asked=asked, person=scene.mother, key="request"
        ),
        await filler.fill(Disclosure),
        await filler.fill(DeletionRequest, referrals=("ref-1",)),
    ]
    (need,) = [each for each in made if isinstance(each, Referral)]
    claimed = await filler.fill(Referral, id="ref-2", student=scene.student)
    handed = claimed.claim.model_copy(update={"id": "hand-1"})
    made[1] = need.having(claim=handed)
    made.append(claimed)
    note_of = need.follow_ups[0].id
    made.append(await filler.fill(FollowUpNote, id=note_of))
    refs: tuple[Ref[Any], ...] = (Ref(Family, scene.family), Ref(Student, scene.student))

    def store(found: Any) -> Change[None]:
        family, child = found.get(refs[0]), found.get(refs[1])
        contacts = tuple(
            each.model_copy(update=changed) if each.id == scene.mother else each
            for each in family.contacts
        )
        left = child.having(enrolment=Enrolment.WITHDRAWN, left_on=NOON.date())
        return Change(None, [family.having(contacts=contacts), left, *made])

    changed = {
        "profile": await vault.seal(scene.mother, profile),
        "details": await vault.seal(scene.mother, details),
    }
    await chassis.store.update(refs, store)
    await vault.close()


@pytest.mark.parametrize("language", ["en", "es"])
async def test_whatever_the_list_says_is_in_the_copy_is_there_filled(
    scene: Scene, tmp_path: Path, language: str
) -> None:
    await whole_family(scene, tmp_path)
    answer = await export(scene, scene.mother)
    assert answer.status_code == 200, answer.text
    copy = answer.json()["sections"]
    missing = {
        f"{record}.{field}": place
        for record, places in EXPORTED.items()
        for field, place in places.items()
        if not any(
            row.get(place.partition(".")[2]) not in (None, [], "")
            for row in copy.get(place.partition(".")[0], ())
        )
    }
    assert missing == {}
    assert "for the coordinator alone" not in answer.text
    page = await export(scene, scene.mother, format="html", language=language)
    assert page.status_code == 200, page.text
    for sealed in ("ConsentBook.consents.witness", "Meeting.decided", "HandOff.to"):
        assert sealed in page.text
