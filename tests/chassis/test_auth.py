"""Who is calling: services by their signature, staff by what the provider says of them."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from deploy.local.personas import persona
from deploy.local.servers import ports
from deploy.local.servers.oidc import OidcServer, access_token
from services.chassis.auth import Authenticator, Principal, Role, ServiceIdentity, grants_of
from services.chassis.errors import EnlaceError, Kind
from services.chassis.keys import make_keys


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    make_keys(folder, ("referral", "partner"))
    return folder


@pytest.fixture(scope="module")
async def provider(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OidcServer]:
    server = OidcServer(tmp_path_factory.mktemp("oidc"), ports.free_port())
    await asyncio.to_thread(server.start)
    yield server
    await asyncio.to_thread(server.stop)


def signed(keys: Path, claims: dict[str, object], *, by: str = "partner", kid: str = "") -> str:
    """Sign claims as no service of ours would."""
    key = ECKey.import_key((keys / f"{by}.pem").read_bytes())
    return jwt.encode({"alg": "ES256", "kid": kid or by}, claims, key, algorithms=["ES256"])


def claims(**changes: object) -> dict[str, object]:
    now = int(time.time())
    good = {"iss": "enlace:partner", "aud": "referral", "iat": now, "exp": now + 300}
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def test_a_service_s_token_is_known_by_the_service_that_it_is_for(keys: Path) -> None:
    token = ServiceIdentity("partner", keys).token("referral")
    who = ServiceIdentity("referral", keys).check(token)
    assert who.subject == "partner"
    assert who.grants == {(Role.SERVICE, "partner")}


def test_a_token_that_vouches_for_a_claim_makes_nobody_a_service(keys: Path) -> None:
    token = ServiceIdentity("partner", keys).token("referral", claim="c-1", referral="r-1")
    who = ServiceIdentity("referral", keys).check(token)
    assert who.grants == {(Role.CLAIMANT, "partner")}
    assert who.claims["claim"] == "c-1"


def test_a_token_is_refused_after_five_minutes(keys: Path) -> None:
    token = ServiceIdentity("partner", keys).token("referral")
    later = ServiceIdentity("referral", keys, clock=lambda: time.time() + 301)
    with pytest.raises(EnlaceError) as refused:
        later.check(token)
    assert refused.value.kind is Kind.ANONYMOUS


@pytest.mark.parametrize(
    "what",
    [
        "another audience",
        "no audience",
        "no end",
        "no issuer",
        "another service's name",
        "another service's key",
        "a key that nobody knows",
        "no signature",
        "a changed claim",
        "another algorithm",
        "nothing",
    ],
)
def test_a_token_that_is_not_quite_right_is_refused(keys: Path, what: str) -> None:
    good = signed(keys, claims())
    head, payload, signature = good.split(".")

    def part(content: dict[str, object]) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()

    token = {
        "another audience": signed(keys, claims(aud="notify")),
        "no audience": signed(keys, claims(aud=None)),
        "no end": signed(keys, claims(exp=None)),
        "no issuer": signed(keys, claims(iss=None)),
        "another service's name": signed(keys, claims(iss="enlace:referral")),
        "another service's key": signed(keys, claims(), kid="referral"),
        "a key that nobody knows": signed(keys, claims(), kid="stranger"),
        "no signature": f"{part({'alg': 'none', 'kid': 'partner'})}.{payload}.",
        "a changed claim": f"{head}.{part(claims(sub='x'))}.{signature}",
        "another algorithm": f"{part({'alg': 'HS256', 'kid': 'partner'})}.{payload}.{signature}",
        "nothing": "..",
    }[what]

    checker = ServiceIdentity("referral", keys)
    assert checker.check(good).subject == "partner"
    with pytest.raises(EnlaceError) as refused:
        checker.check(token)
    assert refused.value.kind is Kind.ANONYMOUS


def test_no_claim_of_a_person_makes_them_a_service_or_a_claimant() -> None:
    told = ["service:referral", "claimant:x", "service", "coordinator:site-01", "king", 7, None]
    assert grants_of(told) == {(Role.COORDINATOR, "site-01")}
    assert grants_of("admin") == frozenset()
    assert grants_of(None) == frozenset()


def test_a_role_is_held_for_its_own_site() -> None:
    who = Principal("u", "U", grants_of(["coordinator:site-01", "leadership:*"]))
    assert who.holds(Role.COORDINATOR, "site-01")
    assert not who.holds(Role.COORDINATOR, "site-02")
    assert who.holds(Role.LEADERSHIP, "site-02")
    who.need_site("site-01", Role.COORDINATOR, what="referral")
    with pytest.raises(EnlaceError) as refused:
        who.need_site("site-02", Role.COORDINATOR, what="referral")
    assert refused.value.kind is Kind.UNKNOWN  # who may not know is not told that it exists


def test_the_leadership_of_a_school_is_its_lead_and_that_of_all_schools_leads_none() -> None:
    grants = grants_of(["leadership:site-01", "leadership:*", "coordinator:site-02", "admin"])
    assert Principal("u", "U", grants).led == {"site-01"}


async def test_a_persona_is_who_the_provider_says_they_are(
    keys: Path, provider: OidcServer
) -> None:
    rosa = persona("rosa")
    token = await asyncio.to_thread(access_token, provider.issuer, rosa)
    async with httpx2.AsyncClient() as client:
        door = Authenticator(provider.issuer, ServiceIdentity("referral", keys), client)
        who = await door.principal(f"Bearer {token}")
        assert (who.subject, who.name) == (rosa.key, "Rosa Medina")
        assert who.grants == {(Role.COORDINATOR, "site-01")}
        assert await door.principal(f"bearer {token}") is who  # asked once a minute


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic cm9zYQ==", "Bearer invented", "Bearer a.b.c"]
)
async def test_nobody_gets_in_without_a_token_that_the_provider_knows(
    keys: Path, provider: OidcServer, header: str | None
) -> None:
    async with httpx2.AsyncClient() as client:
        door = Authenticator(provider.issuer, ServiceIdentity("referral", keys), client)
        with pytest.raises(EnlaceError) as refused:
            await door.principal(header)
        assert refused.value.kind is Kind.ANONYMOUS


async def test_a_service_s_token_does_not_go_to_the_provider(keys: Path) -> None:
    token = ServiceIdentity("partner", keys).token("referral")
    async with httpx2.AsyncClient() as client:
        nowhere = f"http://127.0.0.1:{ports.free_port()}"
        door = Authenticator(nowhere, ServiceIdentity("referral", keys), client)
        assert (await door.principal(f"Bearer {token}")).subject == "partner"


def answering(status: int, body: object) -> httpx2.AsyncClient:
    """Return a client whose provider gives this answer to every question of who it is."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        if "openid-configuration" in request.url.path:
            return httpx2.Response(200, json={"userinfo_endpoint": "http://idp.example/who"})
        return httpx2.Response(status, json=body)

    return httpx2.AsyncClient(transport=httpx2.MockTransport(answer))


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (503, {}, Kind.UNAVAILABLE),
        (200, {"name": "nobody"}, Kind.UNAVAILABLE),
        (200, ["rosa"], Kind.UNAVAILABLE),
        (401, {}, Kind.ANONYMOUS),
    ],
    ids=["it is broken", "it names no subject", "it makes no sense", "it does not know them"],
)
async def test_a_provider_in_trouble_is_told_apart_from_a_sign_in_that_ran_out(
    keys: Path, status: int, body: object, kind: Kind
) -> None:
    async with answering(status, body) as client:
        door = Authenticator("http://idp.example", ServiceIdentity("referral", keys), client)
        with pytest.raises(EnlaceError) as refused:
            await door.principal("Bearer opaque")
        assert refused.value.kind is kind
