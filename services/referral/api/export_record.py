"""Collects all that is held on a family, as far as a reader may have it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.help_requests import Asked, RequestSource
from contracts.people import Profile
from contracts.sealed import Sealed
from services.referral.api.context import Context
from services.referral.elsewhere import Conversations
from services.referral.model.attempts import ContactAttempt
from services.referral.model.care import CareTeam
from services.referral.model.consent import ConsentBook, Disclosure
from services.referral.model.export import Reader
from services.referral.model.hand_off import HandOff
from services.referral.model.help_request import HelpRequest
from services.referral.model.meeting import Meeting
from services.referral.model.notes import Note, Visibility
from services.referral.model.people import Family, Student
from services.referral.model.referral import Referral
from services.referral.store import timeline

Item = dict[str, Any]
Sections = dict[str, list[Item]]

_SHARED = {Visibility.CARE_TEAM.value, Visibility.PARTNER.value}


@dataclass(frozen=True, slots=True)
class Collector:
    """Reads what is stored, and opens it.

    Attributes:
        words_elsewhere: asks notify for the conversation.
    """

    context: Context
    family: Family
    reader: Reader
    words_elsewhere: Conversations

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
        ]
        return sections

    async def _person(self, contact: Any) -> Item:
        profile = await self.context.vault.open_as_if(Profile, contact.profile)
        if profile is None:
            return {}
        item: Item = {"name": profile.given_name, "relation": profile.relation.value}
        if contact.id == self.reader.person:
            item |= {
                "reads": profile.reads.value,
                "phone": profile.phone,
                "email": profile.email,
                "preferred": profile.preferred.value,
            }
        return item

    async def _child(self, sections: Sections, child: Student, told: dict[str, bool]) -> None:
        store = self.context.store
        record = await self.context.known_record(child)
        name = record.given_name if record else ""
        own = sections.setdefault("children", [])
        own.append(record.model_dump(mode="json") if record else {})
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
            sections.setdefault("consents", []).append(
                {
                    "child": name,
                    "categories": [code.value for code in each.categories],
                    "parts": [code.value for code in each.parts],
                    "purposes": [code.value for code in each.purposes],
                    "since": each.first_day.isoformat(),
                    "until": each.until.isoformat(),
                    "revoked_at": each.revocation.at.isoformat() if each.revocation else None,
                    "witness": await self._open(each.witness),
                    "interpreter": await self._open(each.interpreter),
                }
            )
        await self._written(sections, child.id, name, may, safe=safe)
        await self._care(sections, child.id, name, safe=safe)
        await self._asked(sections, child.id, name)
        async for made in store.find(Disclosure, of_child, sort=[("made_at", 1)]):
            if may.get(made.referral, False):
                sections.setdefault("disclosures", []).append(
                    {
                        "child": name,
                        "at": made.made_at.isoformat(),
                        "recorded_at": made.recorded_at.isoformat(),
                        "agency": made.agency,
                        "service": made.service,
                        "parts": [code.value for code in made.parts],
                    }
                )

    async def _referral(self, child: str, each: Referral) -> Item:
        events = await timeline(self.context.store, each.id)
        there = await self.context.store.get(HandOff, each.claim.id) if each.claim else None
        place = await self._open(there.to) if there else None
        return {
            "child": child,
            "category": each.category.value,
            "urgency": each.urgency.value,
            "state": each.state.value,
            "need": await self._open(each.need),
            "despite_duplicate": await self._open(each.despite_duplicate),
            "created_at": each.created_at.isoformat(),
            "agency": place or (each.claim.agency if each.claim else None),
            "service": each.claim.service if each.claim and not there else None,
            "appointment": each.appointment.isoformat() if each.appointment else None,
            "outcome": each.outcome.value if each.outcome else None,
            "history": [f"{one.at.isoformat()} {one.what}" for one in events],
        }

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
                    "words": asked.words if asked else None,
                    "state": each.state.value,
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
                        "words": await self._open(note.words),
                        "added": [await self._open(each.words) for each in note.amendments],
                    }
                )
        async for attempt in store.find(ContactAttempt, of_child, sort=[("happened_at", 1)]):
            if self.reader.reads_words(attempt.referral, may, safe=safe):
                sections.setdefault("contact_attempts", []).append(
                    {
                        "child": child,
                        "at": attempt.happened_at.isoformat(),
                        "kind": attempt.kind.value,
                        "reached": attempt.reached,
                        "by": attempt.by,
                        "words": await self._open(attempt.words),
                        "next_step": await self._open(attempt.next_step),
                    }
                )

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
                    "words": await self._open(change.why),
                }
            )
        async for meeting in store.find(Meeting, {"student": student}, sort=[("held_on", 1)]):
            sections.setdefault("meetings", []).append(
                {
                    "child": child,
                    "at": meeting.held_on.isoformat(),
                    "people": [await self._open(each.name) for each in meeting.participants],
                    "decided": await self._open(meeting.decided),
                    "tasks": [await self._open(each.what) for each in meeting.tasks],
                }
            )

    async def _open(self, sealed: Sealed | None) -> str | None:
        return await self.context.vault.open_if(sealed)
