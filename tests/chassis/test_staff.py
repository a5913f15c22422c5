"""What a token's roles are worth: given a token and the register, on a day."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.staff import StaffGrant, StaffRole
from services.chassis.auth import Grants, Role, grants_of, network_of
from services.chassis.staff import StaffAccess, narrowed

TODAY = date(2026, 10, 13)


def entry(*roles: str, ended: bool = False) -> StaffAccess:
    """Return an entry with `role:scope` texts, held since August."""
    grants = tuple(
        StaffGrant(role=StaffRole(name), scope=scope, since=date(2026, 8, 1))
        for name, _, scope in (each.partition(":") for each in roles)
    )
    return StaffAccess(id="entry-1", subject="rosa", grants=grants, ended=ended)


def after(token: list[str], known: StaffAccess | None, *, in_force: bool = False) -> Grants:
    return narrowed(grants_of(token), known, TODAY, in_force=in_force)


_SCHOOLS = ("coordinator", "care-team", "leadership", "staff")
_ROLES = (*_SCHOOLS, "admin", "auditor", "operator", "agency")
_TEXTS = st.lists(
    st.tuples(st.sampled_from(_ROLES), st.sampled_from(["", "*", "site-01", "site-02"])).map(
        ":".join
    ),
    max_size=6,
)


@given(token=_TEXTS, register=_TEXTS, ended=st.booleans(), in_force=st.booleans())
def test_the_register_never_adds_to_a_token(
    *, token: list[str], register: list[str], ended: bool, in_force: bool
) -> None:
    held = after(token, entry(*register, ended=ended), in_force=in_force)
    given_by_token = grants_of(token)
    for role, scope in held:
        assert {(role, scope), (role, "*")} & given_by_token
    assert not (ended and held)


def test_what_both_give_is_held() -> None:
    known = entry("coordinator:site-01", "care-team:site-02")
    token = ["coordinator:site-01", "coordinator:site-02"]
    assert after(token, known) == {(Role.COORDINATOR, "site-01")}


def test_the_narrower_of_a_school_and_all_schools_stands() -> None:
    one = {(Role.LEADERSHIP, "site-01")}
    assert after(["leadership:*"], entry("leadership:site-01")) == one
    assert after(["leadership:site-01"], entry("leadership:*")) == one
    assert after(["leadership:*"], entry("leadership:*")) == {(Role.LEADERSHIP, "*")}


@pytest.mark.parametrize("in_force", [True, False])
def test_who_was_off_boarded_holds_nothing_not_even_an_agency_s_role(in_force: bool) -> None:  # noqa: FBT001 - a case
    known = entry("admin", "coordinator:*", ended=True)
    assert after(["admin", "coordinator:site-01", "agency:a-1"], known, in_force=in_force) == set()


def test_who_is_in_no_register_holds_what_the_token_says_until_it_is_in_force() -> None:
    token = ["coordinator:site-01", "auditor", "admin", "operator", "agency:a-1"]
    assert after(token, None) == grants_of(token)
    assert after(token, None, in_force=True) == grants_of(["admin", "operator", "agency:a-1"])


def test_an_administrator_in_the_register_is_narrowed_by_it_too() -> None:
    assert after(["admin"], entry("coordinator:site-01"), in_force=True) == set()


def test_a_role_of_a_later_release_grants_nothing() -> None:
    assert after(["coordinator:site-01"], entry("superintendent:*")) == set()


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::7", "2001:db8:1::/48"),
        ("testclient", ""),
    ],
)
def test_an_address_is_kept_as_its_network_alone(host: str, network: str) -> None:
    assert network_of(host) == network
