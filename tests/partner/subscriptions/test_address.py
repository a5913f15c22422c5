"""Where a webhook may go, and where never."""

import pytest

from services.partner.subscriptions.model.address import (
    RefusedAddressError,
    check,
    read_address,
    read_url,
)

PUBLIC = ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"]
INSIDE = [
    "127.0.0.1",
    "127.8.9.10",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 - refused, not bound
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "198.18.0.1",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2001::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_taken(address: str) -> None:
    check(read_address(address), "https", local=False)


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_inside_is_taken_however_it_is_written(address: str) -> None:
    with pytest.raises(RefusedAddressError) as refused:
        check(read_address(address), "https", local=False)
    assert refused.value.slug == "not-public"


@pytest.mark.parametrize("address", [*PUBLIC, "10.0.0.1", "169.254.169.254"])
def test_plain_http_goes_to_this_machine_alone_and_in_local_mode_alone(address: str) -> None:
    check(read_address("127.0.0.1"), "http", local=True)
    check(read_address("::1"), "http", local=True)
    with pytest.raises(RefusedAddressError):
        check(read_address(address), "http", local=True)
    with pytest.raises(RefusedAddressError):
        check(read_address("127.0.0.1"), "http", local=False)


def test_an_address_is_taken_apart() -> None:
    found = read_url("https://Hooks.Example.ORG./in/box?a=b", local=False)
    assert (found.host, found.port, found.path) == ("hooks.example.org", 443, "/in/box?a=b")
    assert found.authority == "hooks.example.org"
    other = read_url("https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:8443", local=False)
    assert other.authority == "[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:8443"
    assert other.path == "/"


@pytest.mark.parametrize(
    ("url", "slug"),
    [
        ("http://hooks.example.org/", "not-https"),
        ("ftp://hooks.example.org/", "malformed-url"),
        ("file:///etc/passwd", "malformed-url"),
        ("gopher://10.0.0.1/", "malformed-url"),
        ("https://", "malformed-url"),
        ("https:///path", "malformed-url"),
        ("hooks.example.org", "malformed-url"),
        ("https://hooks.example.org/#part", "malformed-url"),
        ("https://hooks.example.org:99999/", "malformed-url"),
        ("https://hooks.example.org/a b", "malformed-url"),
        ("https://hooks.example.org\r\nX: y", "malformed-url"),
        ("https://hooks.example.org\\@10.0.0.1/", "malformed-url"),
        ("https://español.example/", "malformed-url"),
        ("https://user:word@hooks.example.org/", "credentials-in-url"),
        ("https://127.0.0.1/", "not-public"),
        ("https://[::ffff:10.0.0.1]/", "not-public"),
        ("https://2130706433/", "malformed-url"),
        ("https://0x7f.1/", "malformed-url"),
        ("https://127.1/", "malformed-url"),
        ("https://hooks.example.org/" + "x" * 2000, "malformed-url"),
    ],
)
def test_an_address_that_is_none_is_told_what_is_wrong(url: str, slug: str) -> None:
    with pytest.raises(RefusedAddressError) as refused:
        read_url(url, local=False)
    assert refused.value.slug == slug
    assert refused.value.why.endswith(".")
    assert refused.value.es.endswith(".")
