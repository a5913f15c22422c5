"""Our codec beside the one that the standard's authors publish."""

from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from services.partner.subscriptions.model import signatures
from services.partner.subscriptions.model.signatures import SignatureError

SECRET = signatures.write_secret(bytes(range(32)))
OTHER = signatures.write_secret(bytes(range(1, 33)))
BODY = '{"name":"Niñez, ñandú — \\u00e9"}'.encode()


def now() -> datetime:
    return datetime.now(UTC)


def test_the_signature_is_the_one_of_the_standards_own_example() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    at = datetime.fromtimestamp(1614265330, UTC)
    signed = signatures.sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_we_sign_the_standards_library_verifies() -> None:
    headers = signatures.headers([SECRET], "evt-1", now(), BODY)
    assert Webhook(SECRET).verify(BODY, headers) == {"name": "Niñez, ñandú — é"}


def test_what_the_standards_library_signs_we_verify() -> None:
    at = now()
    signed = Webhook(SECRET).sign("evt-1", at, BODY.decode())
    headers = {
        "Webhook-Id": "evt-1",
        "Webhook-Timestamp": str(int(at.timestamp())),
        "Webhook-Signature": f"v1a,c29tZXRoaW5n {signed}",
    }
    signatures.verify(SECRET, headers, BODY, now())


def test_while_a_secret_is_replaced_either_one_verifies() -> None:
    headers = signatures.headers([SECRET, OTHER], "evt-1", now(), BODY)
    for secret in (SECRET, OTHER):
        Webhook(secret).verify(BODY, headers)
        signatures.verify(secret, headers, BODY, now())


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "evt-2"},
        {"webhook-timestamp": "1"},
        {"webhook-timestamp": "soon"},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": ""},
    ],
)
def test_whatever_is_altered_is_refused_by_both(change: dict[str, str]) -> None:
    headers = {**signatures.headers([SECRET], "evt-1", now(), BODY), **change}
    with pytest.raises(SignatureError):
        signatures.verify(SECRET, headers, BODY, now())
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(BODY, headers)


def test_another_body_another_secret_and_an_old_delivery_are_refused() -> None:
    at = now()
    headers = signatures.headers([SECRET], "evt-1", at, BODY)
    for secret, body, when in (
        (SECRET, BODY + b" ", at),
        (OTHER, BODY, at),
        (SECRET, BODY, at + timedelta(minutes=6)),
        (SECRET, BODY, at - timedelta(minutes=6)),
    ):
        with pytest.raises(SignatureError):
            signatures.verify(secret, headers, body, when)


@pytest.mark.parametrize("secret", ["whsec_", "whsec_c2hvcnQ=", "whsec_%%%", "plain words"])
def test_a_secret_of_the_wrong_form_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="a secret"):
        signatures.read_secret(secret)
