"""Collects all that is held on a family, as far as a reader may have it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from contracts.help_requests import Asked, RequestSource
from contracts.people import Profile
from contracts.sealed import Sealed
from services.referral.api import export_items as items
from services.referral.api.context import Context
from services.referral.api.export_items import Item
from services.referral.elsewhere import Conversations
from services.referral.model.attempts import ContactAttempt
from services.referral.model.care import CareTeam
from services.referral.model.consent import ConsentBook, Disclosure
from services.referral.model.consent_terms import Consent
from services.referral.model.deletion import DeletionRequest
from services.referral.model.export import Reader
from services.referral.model.follow_up import FollowUpNote
from services.referral.model.hand_off import HandOff
from services.referral.model.help_request import HelpRequest
from services.referral.model.household import ContactDetails
from services.referral.model.meeting import Meeting
from services.referral.model.notes import Note, Visibility
from services.referral.model.people import Contact, Family, Student
from services.referral.model.referral import Referral
from services.referral.store import timeline

Sections = dict[str, list[Item]]

_SHARED = {Visibility.CARE_TEAM.value, Visibility.PARTNER.value}


@dataclass(frozen=True, slots=True)
class Collector:
    """Reads what is stored, and opens it.

    Attributes:
        words_elsewhere: asks notify for the conversation.
        whole: every child's record may be opened. Otherwise what somebody wrote that names no
            referral stays out: it could speak of a child at another school.
        accounts: of staff, met where somebody else can stand too; filled while it reads.
    """

    context: Context
    family: Family
    reader: Reader
    words_elsewhere: Conversations
    whole: bool
    accounts: set[str] = field(default_factory=set)

    async def sections(self) -> Sections:
        """Return the copy, by section; each item is a flat table of what is known.

        Raises:
            EnlaceError: notify does not answer; half a copy is none.
        """
        found = self.context.store.find(Student, {"family": self.family.id})
        children = [each async for each in found if self.reader.reads_child(each.id)]
        ids = [each.id for each in children]
        around = [each for each in self.family.contacts if self.reader.reads_of(each, ids)]
        sections: Sections = {"people": [await self._person(each) for each in around]}
        told: dict[str, bool] = {}
        for child in children:
            await self._child(sections, child, told)
        shown = [id for id, may in told.items() if may]
        sections["messages"] = [
            {name: line[name] for name in ("at", "outgoing", "channel", "text")}
            for line in await self.words_elsewhere.of(self.reader.person, shown)
            if self.whole or line.get("referral")
        ]
        return sections

    async def _person(self, contact: Contact) -> Item:
        vault = self.context.vault
        profile = await vault.open_as_if(Profile, contact.profile)
        if profile is None:
            return {}
        details = await vault.open_as_if(ContactDetails, contact.details)
        return items.of_person(contact, profile, details, whole=contact.id == self.reader.person)

    async def _named(self, person: str | None, children: Sequence[str]) -> str | None:
        """Return a contact's given name, where this reader may have it."""
        contact = self.family.contact(person) if person else None
        if contact is None or not self.reader.reads_of(contact, children):
            return None
        profile = await self.context.vault.open_as_if(Profile, contact.profile)
        return profile.given_name if profile else None

    async def _child(self, sections: Sections, child: Student, told: dict[str, bool]) -> None:
        store = self.context.store
        record = await self.context.known_record(child)
        name = record.given_name if record else ""
        own = sections.setdefault("children", [])
        own.append(items.of_child(child, record))
        book = await store.get(ConsentBook, child.id)
        of_child = {"student": child.id}
        needs = [each async for each in store.find(Referral, of_child)]
        may = {each.id: self.reader.reads_referral(each, book) for each in needs}
        told |= may
        consents = list(book.consents) if book else []
        readable = [each for each in consents if book and self.reader.reads_consent(book, each)]
        safe = all(may.values()) and len(readable) == len(consents)
        rows = sections.setdefault("referrals", [])
        rows += [await self._referral(name, each) for each in needs if may[each.id]]
        for each in readable:
            giver = name if each.given_by == child.id else None
            giver = giver or await self._named(each.given_by, [child.id])
            taker = await self._taker(each, child.id, name)
            row = await items.of_consent(name, each, self._open, giver=giver, taker=taker)
            sections.setdefault("consents", []).append(row)
        for each_need in needs:
            if may[each_need.id]:
                await self._followed(sections, name, each_need)
        await self._written(sections, child.id, name, may, safe=safe)
        await self._care(sections, child.id, name, safe=safe)
        await self._asked(sections, child.id, name)
        await self._told(sections, child.id, name, may)

    async def _taker(self, consent: Consent, child: str, name: str) -> str | None:
        """Return the given name of whoever of the family took a consent back, as far as known."""
        if consent.revocation is not None:
            self.accounts.add(consent.revocation.recorded_by)
        by = consent.revocation.by if consent.revocation else None
        return name if by == child else await self._named(by, [child])

    async def _told(
        self, sections: Sections, student: str, name: str, may: Mapping[str, bool]
    ) -> None:
        """Add who was told of the child, and who was asked to delete it again."""
        store, of_child = self.context.store, {"student": student}
        async for made in store.find(Disclosure, of_child, sort=[("made_at", 1)]):
            if may.get(made.referral, False):
                row = items.of_disclosure(name, made)
                sections.setdefault("disclosures", []).append(row)
        async for asked in store.find(DeletionRequest, of_child, sort=[("asked_at", 1)]):
            if all(may.get(each, False) for each in asked.referrals):
                row = await items.of_deletion(name, asked, self._open)
                sections.setdefault("deletions", []).append(row)

    async def _referral(self, child: str, each: Referral) -> Item:
        events = await timeline(self.context.store, each.id)
        place = await self.context.store.get(HandOff, each.claim.id) if each.claim else None
        return await items.of_referral(child, each, place, events, self._open)

    async def _followed(self, sections: Sections, child: str, referral: Referral) -> None:
        found = self.context.store.find(FollowUpNote, {"referral": referral.id})
        notes = {each.id: each async for each in found}
        for each in referral.follow_ups:
            row = await items.of_follow_up(child, each, notes.get(each.id), self._open)
            sections.setdefault("follow_ups", []).append(row)

    async def _asked(self, sections: Sections, student: str, child: str) -> None:
        """Add what the family itself asked for; what staff worried about is not its own words."""
        found = self.context.store.find(HelpRequest, {"student": student}, sort=[("asked_at", 1)])
        async for each in found:
            theirs = each.person in {None, self.reader.person}
            if each.source is RequestSource.STAFF or each.own_key or not theirs:
                continue
            asked = await self.context.vault.open_as_if(Asked, each.asked)
            sections.setdefault("help_requests", []).append(
                {
                    "child": child,
                    "at": each.asked_at.isoformat(),
                    "source": each.source.value,
                    "words": asked.words if asked else None,
                    "state": each.state.value,
                    "handled_at": each.handled.at.isoformat() if each.handled else None,
                    "handled_how": each.handled.how.value if each.handled else None,
                    "handled_words": await self._open(each.handled.words if each.handled else None),
                }
            )

    async def _written(
        self, sections: Sections, student: str, child: str, may: Mapping[str, bool], *, safe: bool
    ) -> None:
        store, of_child = self.context.store, {"student": student}
        async for note in store.find(Note, of_child):
            shared = note.visibility.value in _SHARED
            if shared and self.reader.reads_words(note.referral, may, safe=safe):
                sections.setdefault("notes", []).append(
                    {
                        "child": child,
                        "at": note.written_at.isoformat(),
                        "by": note.author,
                        "edited_at": note.edited_at.isoformat() if note.edited_at else None,
                        "words": await self._open(note.words),
                        "added": [await self._open(each.words) for each in note.amendments],
                    }
                )
        async for attempt in store.find(ContactAttempt, of_child, sort=[("happened_at", 1)]):
            if self.reader.reads_words(attempt.referral, may, safe=safe):
                sought = await self._named(attempt.person, [student])
                row = await items.of_attempt(child, attempt, self._open, sought=sought)
                sections.setdefault("contact_attempts", []).append(row)

    async def _care(self, sections: Sections, student: str, child: str, *, safe: bool) -> None:
        store = self.context.store
        team = await store.get(CareTeam, student)
        for member in team.members if team else ():
            sections.setdefault("care_team", []).append(
                {
                    "child": child,
                    "name": await self._open(member.name),
                    "role": member.role.value,
                    "since": member.since.isoformat(),
                    "until": member.until.isoformat() if member.until else None,
                }
            )
        if not safe:
            return  # what the team wrote could speak of what this reader may not know
        for change in team.tiers if team else ():
            sections.setdefault("tiers", []).append(
                {
                    "child": child,
                    "at": change.at.isoformat(),
                    "tier": change.tier,
                    "by": change.by,
                    "words": await self._open(change.why),
                }
            )
        async for meeting in store.find(Meeting, {"student": student}, sort=[("held_on", 1)]):
            self.accounts.update(each.subject for each in meeting.participants if each.subject)
            row = await items.of_meeting(child, meeting, self._open)
            sections.setdefault("meetings", []).append(row)

    async def _open(self, sealed: Sealed | None) -> str | None:
        return await self.context.vault.open_if(sealed)
