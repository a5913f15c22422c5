"""Magic links and short codes: derived on both sides, transported by none."""

import base64
import hashlib
import hmac

import pytest

from services.chassis.links import derive_code, derive_token, hash_token, same

KEY = bytes(range(32))
PARTS = {"purpose": "claim", "subject": "offer-1", "recipient": "contact-1", "nonce": "n1"}


def test_owner_and_notify_derive_the_same_without_a_word_between_them() -> None:
    assert derive_token(KEY, **PARTS) == derive_token(bytes(KEY), **dict(PARTS))


def test_the_derivation_is_what_the_page_on_privacy_says() -> None:
    # By hand: HMAC-SHA-256 over length-prefixed parts, the first 16 bytes in base64url.
    text = b"4:link5:claim7:offer-19:contact-12:n1"
    mac = hmac.new(KEY, text, hashlib.sha256).digest()
    expected = base64.urlsafe_b64encode(mac[:16]).rstrip(b"=").decode()
    assert derive_token(KEY, **PARTS) == expected
    assert len(expected) == 22


@pytest.mark.parametrize("part", list(PARTS))
def test_another_purpose_subject_recipient_or_nonce_is_another_link(part: str) -> None:
    other = {**PARTS, part: PARTS[part] + "x"}
    assert derive_token(KEY, **other) != derive_token(KEY, **PARTS)
    assert derive_code(KEY, **other) != derive_code(KEY, **PARTS)


def test_another_key_is_another_link() -> None:
    assert derive_token(KEY[::-1], **PARTS) != derive_token(KEY, **PARTS)


def test_parts_cannot_be_moved_into_each_other() -> None:
    one = derive_token(KEY, purpose="a", subject="bc", recipient="", nonce="")
    other = derive_token(KEY, purpose="ab", subject="c", recipient="", nonce="")
    assert one != other


def test_a_code_has_six_digits_and_is_not_the_link() -> None:
    codes = {derive_code(KEY, **{**PARTS, "nonce": str(n)}) for n in range(300)}
    assert all(len(code) == 6 and code.isdecimal() for code in codes)
    assert len(codes) > 295


def test_what_is_stored_does_not_tell_the_link() -> None:
    token = derive_token(KEY, **PARTS)
    assert token not in hash_token(token)
    assert same(hash_token(token), hash_token(token))
    assert not same(hash_token(token), hash_token(token[::-1]))
