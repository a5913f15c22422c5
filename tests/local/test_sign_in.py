"""The local provider and the personas who sign in to it."""

from collections.abc import Iterator

import httpx2
import pytest

from deploy.local.personas import PERSONAS, SITES, Persona, UnknownPersonaError, persona
from deploy.local.servers import ports
from deploy.local.servers.errors import ServerError
from deploy.local.servers.oidc import OidcServer, access_token


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OidcServer]:
    server = OidcServer(tmp_path_factory.mktemp("oidc"), ports.free_port())
    server.start()
    yield server
    server.stop()


def test_the_provider_is_the_issuer_of_its_own_address(provider: OidcServer) -> None:
    found = httpx2.get(f"{provider.issuer}/.well-known/openid-configuration").json()
    assert found["issuer"] == provider.issuer


@pytest.mark.parametrize("who", PERSONAS, ids=lambda one: one.key)
def test_a_persona_s_token_says_who_they_are(provider: OidcServer, who: Persona) -> None:
    token = access_token(provider.issuer, who)

    claims = httpx2.get(
        f"{provider.issuer}/userinfo", headers={"Authorization": f"Bearer {token}"}
    ).json()

    assert claims == who.claims()


def test_an_invented_token_is_refused(provider: OidcServer) -> None:
    answer = httpx2.get(f"{provider.issuer}/userinfo", headers={"Authorization": "Bearer invented"})
    assert not answer.is_success


def test_without_a_provider_the_error_says_what_to_start() -> None:
    nobody = f"http://127.0.0.1:{ports.free_port()}"
    with pytest.raises(ServerError, match="make run"):
        access_token(nobody, persona("rosa"))


def test_every_site_has_one_coordinator() -> None:
    held = [role for one in PERSONAS for role in one.roles if role.startswith("coordinator:")]
    assert held == [f"coordinator:site-{number:02}" for number in range(1, 13)]
    assert SITES["site-01"] == "Lincoln Elementary"


@pytest.mark.parametrize("name", ["coordinator-01", "Rosa Medina", "rosa", "ROSA-MEDINA"])
def test_a_persona_is_found_by_any_of_their_names(name: str) -> None:
    assert persona(name).roles == ("coordinator:site-01",)


def test_an_unknown_persona_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownPersonaError, match="coordinator-01"):
        persona("nobody")


def test_keys_and_addresses_are_unique() -> None:
    assert len({one.key for one in PERSONAS}) == len(PERSONAS)
    assert len({one.email for one in PERSONAS}) == len(PERSONAS)
    assert all(one.email.endswith("@example.org") for one in PERSONAS)
