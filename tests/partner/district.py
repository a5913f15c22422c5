"""A small district around one running partner service: agencies, offers, and referral's events."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2
from joserfc import jwt

from contracts import cloudevents, referrals
from contracts.cloudevents import Envelope
from contracts.codes import LinkPurpose
from contracts.event import Event
from contracts.offerings import Offer, OfferingOpened
from contracts.referrals import Bands, Candidate, ReferralAccepted, Waits
from services.chassis.clock import FixedClock
from services.chassis.consumer.incoming import Incoming
from services.chassis.ids import new_id
from services.chassis.links import derive_code, derive_token, read_link_key
from tests.partner.build import SITE
from tests.running import Running, person

PEOPLE = {
    "admin": person("admin", "admin"),
    "rosa": person("rosa", "coordinator:site-01"),
    "denise": person("denise", "coordinator:site-02"),
    "carla": person("carla", "care-team:site-01"),
    "lead": person("lead", "leadership:site-01"),
}


NOTHING_KNOWN = Waits()


@dataclass(frozen=True, slots=True)
class Provider:
    """An agency with one service and one agreement."""

    name: str
    agency: str
    service: str
    agreement: str


class District:
    """What tests do with the service."""

    def __init__(self, service: Running, clock: FixedClock) -> None:
        self.service = service
        self.clock = clock
        self.http = service.http
        self.offers: dict[str, Offer] = {}
        self._key = read_link_key(service.chassis.settings.keys_dir)
        self._sequences: dict[str, Counter[str]] = {}
        self._laid_down = 0

    def as_agency(self, agency: str, *roles: str) -> None:
        """Let `agent` sign in as staff of an agency, in every role where none is named."""
        held = roles or ("agency", "agency-admin")
        PEOPLE["agent"] = person("agent", *(f"{each}:{agency}" for each in held))

    async def put(
        self, path: str, body: dict[str, Any], who: str = "admin", if_match: str | None = None
    ) -> httpx2.Response:
        headers = self.service.as_(who) | ({"If-Match": if_match} if if_match else {})
        return await self.http.put(path, json=body, headers=headers)

    async def get(self, path: str, who: str = "rosa") -> httpx2.Response:
        return await self.http.get(path, headers=self.service.as_(who))

    async def provider(
        self,
        name: str,
        *,
        seats: int | None = None,
        status: str = "active",
        until: str = "2027-06-30",
        languages: list[str] | None = None,
        unit: str = "seats",
        category: str = "dental",
    ) -> Provider:
        """Enter an agency with a service for the school."""
        made = Provider(name, new_id(), new_id(), new_id())
        contact = {"id": new_id(), "name": "Marked Person", "email": "marked@example.org"}
        service = {
            "agency": made.agency,
            "name": name,
            "category": category,
            "sites": [SITE],
            "languages": languages or [],
        }
        agreement = {
            "agency": made.agency,
            "status": status,
            "sites": [SITE],
            "from": "2026-08-01",
            "until": until,
        }
        puts: list[tuple[str, dict[str, Any]]] = [
            (f"/v1/agencies/{made.agency}", {"name": name, "contacts": [contact]}),
            (f"/v1/services/{made.service}", service),
            (f"/v1/agreements/{made.agreement}", agreement),
        ]
        if seats is not None:
            figure = {"unit": unit, "maximum": max(seats, 1), "available": seats}
            puts.append((f"/v1/capacities/{made.service}/{SITE}", figure))
        for path, body in puts:
            answer = await self.put(path, body)
            assert answer.status_code == 200, answer.text
        return made

    async def happened(
        self, referral: str, kind: str, *, behind: timedelta = timedelta(0), **fields: Any
    ) -> None:
        """Let an event of referral arrive, as the consumer would apply it, so long behind."""
        await self.apply(getattr(referrals, kind)(referral=referral, **fields), behind)

    async def apply(self, event: Event, behind: timedelta = timedelta(0)) -> None:
        topic = event.TOPIC.name
        sequences = self._sequences.setdefault(topic, Counter())
        sequences[event.key] += 1
        offset = sequences.total() - 1
        envelope = Envelope(
            id=new_id(),
            source=f"enlace/{event.TOPIC.owner}",
            type=event.TYPE,
            key=event.key,
            time=self.clock.now() - behind,
            sequence=sequences[event.key],
            site=SITE,
        )
        record = record_of(topic, offset, envelope, event)
        slices = self.service.service.slices["partner"]
        await slices.apply(topic, [record], expected=offset)

    async def lay_down(self, event: Event) -> None:
        """Let what the district lays down arrive, in the group that keeps it."""
        offset = self._laid_down
        self._laid_down += 1
        envelope = Envelope(
            id=new_id(),
            source="enlace/referral",
            type=event.TYPE,
            key=event.key,
            time=self.clock.now(),
            sequence=offset + 1,
        )
        record = record_of("rules", offset, envelope, event)
        slices = self.service.service.slices["partner-district"]
        await slices.apply("rules", [record], expected=offset)

    async def offer(
        self,
        *providers: Provider,
        referral: str | None = None,
        round: int = 1,
        expect_open: bool = True,
        urgency: str = "routine",
        waits: Waits = NOTHING_KNOWN,
        behind: timedelta = timedelta(0),
    ) -> str:
        """Let referral offer a child to these, read so long behind; returns the referral."""
        referral = referral or new_id()
        await self.happened(
            referral,
            "ReferralOffered",
            round=round,
            site=SITE,
            category="dental",
            urgency=urgency,
            waits=waits,
            bands=Bands(age="7-9", language="es"),
            candidates=tuple(
                Candidate(service=each.service, agency=each.agency) for each in providers
            ),
            answer_by=self.clock.now() - behind + timedelta(days=2),
            behind=behind,
        )
        if expect_open:
            opened = (await self.told("OfferingOpened"))[-1]
            assert isinstance(opened, OfferingOpened)
            assert opened.referral == referral
            self.offers |= {each.agency: each for each in opened.offers}
        return referral

    async def wave(
        self,
        referral: str,
        *providers: Provider,
        wave: int = 2,
        opens_in: timedelta | None = None,
        answers_in: timedelta = timedelta(days=2),
    ) -> None:
        """Let referral ask these too, at once or later."""
        start = self.clock.now() + (opens_in or timedelta(0))
        await self.happened(
            referral,
            "ReferralWaveAdded",
            round=1,
            wave=wave,
            site=SITE,
            candidates=tuple(
                Candidate(service=each.service, agency=each.agency) for each in providers
            ),
            answer_by=start + answers_in,
            opens_at=start if opens_in else None,
        )
        await self.learn_offers()

    async def learn_offers(self) -> None:
        """Know the links of everybody who was asked so far."""
        for opened in await self.told("OfferingOpened"):
            self.offers |= {each.agency: each for each in opened.offers}

    async def accept(self, referral: str) -> str:
        """Let referral accept the claim that stands; returns the claim."""
        claimed = (await self.told("OfferClaimed"))[-1]
        assert claimed.referral == referral
        await self.apply(
            ReferralAccepted(
                referral=referral,
                claim=claimed.claim,
                service=claimed.service,
                agency=claimed.agency,
            )
        )
        return str(claimed.claim)

    def link(self, provider: Provider, offer: Offer | None = None) -> dict[str, str]:
        """Return the header with the provider's link, derived as notify derives it."""
        return {"X-Enlace-Link": self._token(offer or self.offers[provider.agency])}

    async def link_for(self, referral: str) -> str:
        """Return the link that went out last for a referral."""
        opened = [each for each in await self.told("OfferingOpened") if each.referral == referral]
        return self._token(opened[-1].offers[0])

    async def claim_on(self, referral: str) -> str:
        """Return the claim that was made last on a referral."""
        made = [each for each in await self.told("OfferClaimed") if each.referral == referral]
        return str(made[-1].claim)

    def _token(self, offer: Offer) -> str:
        return derive_token(
            self._key,
            purpose=LinkPurpose.AGENCY_ANSWER,
            subject=offer.offer,
            recipient=offer.contact,
            nonce=offer.nonce,
        )

    async def shown(self, provider: Provider) -> httpx2.Response:
        return await self.http.get("/v1/answers", headers=self.link(provider))

    async def show(self, provider: Provider) -> dict[str, Any]:
        answer = await self.shown(provider)
        assert answer.status_code == 200, answer.text
        card: dict[str, Any] = answer.json()
        return card

    async def post(
        self, provider: Provider, what: str, body: dict[str, Any] | None = None
    ) -> httpx2.Response:
        return await self.http.post(
            f"/v1/answers/{what}", json=body or {}, headers=self.link(provider)
        )

    async def answer(
        self, provider: Provider, what: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        answer = await self.post(provider, what, body)
        assert answer.status_code == 200, answer.text
        card: dict[str, Any] = answer.json()
        return card

    async def code_of(self, provider: Provider) -> str:
        """Return the code that notify would send last."""
        asked = (await self.told("IdentityCodeRequested"))[-1]
        assert asked.agency == provider.agency
        return await self.last_code()

    async def last_code(self) -> str:
        """Return the code that notify would send last, whomever to."""
        asked = (await self.told("IdentityCodeRequested"))[-1]
        return derive_code(
            self._key,
            purpose="identity",
            subject=asked.offer,
            recipient=asked.contact,
            nonce=asked.nonce,
        )

    def read_token(self, token: str) -> dict[str, Any]:
        """Return what a token of partner's claims, checked with the installation's keys."""
        public = self.service.chassis.identity._public
        return dict(jwt.decode(token, public, algorithms=["ES256"]).claims)

    async def told(self, kind: str) -> list[Any]:
        """Return the events of a class that were written, in order."""
        found: list[Any] = []
        async for logged in self.service.chassis.log.all():
            event = cloudevents.read(logged.envelope, logged.data, self.service.chassis.ids)
            if type(event).__name__ == kind:
                found.append(event)
        return found

    async def rows(self, collection: str) -> list[dict[str, Any]]:
        return [row async for row in self.service.chassis.database[collection].find({})]

    async def sweep(self) -> int:
        """Let time do what is due."""
        return sum([await each.once() for each in self.service.service.parts.sweeps])


def record_of(topic: str, offset: int, envelope: Envelope, event: Event) -> Incoming:
    """Return an event as the consumer has read it from a topic."""
    return Incoming(
        topic=f"t.{topic}",
        partition=0,
        offset=offset,
        key=event.key,
        envelope=envelope,
        event=event,
        cause=None,
        headers=(),
        value=event.model_dump_json().encode(),
        raw_key=event.key.encode(),
    )
