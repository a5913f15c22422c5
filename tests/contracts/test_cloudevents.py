"""The codec against the official SDK, and against whatever a stranger may send."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event, to_binary_event
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from contracts.cloudevents import Envelope, UnreadableEventError, decode, encode, read
from contracts.referrals import ReferralResumed
from tests.contracts.builders import an_envelope, envelopes

SLUGS = {"header-not-utf8", "header-missing", "header-malformed", "specversion"}
UTF8 = st.text().map(lambda text: text.encode())
BODY = {"referral": "01a42b57-35c0-7728-9ea9-30241a328bee"}


class TestAgainstTheSdk:
    @given(envelopes)
    def test_the_sdk_reads_what_we_write(self, envelope: Envelope) -> None:
        message = KafkaMessage(
            headers=dict(encode(envelope)),
            key=envelope.key.encode(),
            value=json.dumps(BODY).encode(),
        )

        event = from_binary_event(message)

        assert event.get_specversion() == "1.0"
        assert event.get_id() == envelope.id
        assert event.get_source() == envelope.source
        assert event.get_type() == envelope.type
        assert event.get_subject() == envelope.key
        assert event.get_time() == envelope.time
        assert event.get_datacontenttype() == "application/json"
        assert event.get_dataschema() == f"https://enlace.org/schemas/{envelope.type}.json"
        assert event.get_extension("sequence") == str(envelope.sequence)
        assert event.get_extension("site") == envelope.site
        assert event.get_extension("traceparent") == envelope.traceparent
        assert event.get_data() == BODY

    @given(envelopes)
    def test_we_read_what_the_sdk_writes(self, envelope: Envelope) -> None:
        attributes: dict[str, Any] = {
            "id": envelope.id,
            "source": envelope.source,
            "type": envelope.type,
            "subject": envelope.key,
            "time": envelope.time,
            "datacontenttype": "application/json",
            "sequence": str(envelope.sequence),
        }
        if envelope.site is not None:
            attributes["site"] = envelope.site
        if envelope.traceparent is not None:
            attributes["traceparent"] = envelope.traceparent

        message = to_binary_event(CloudEvent(attributes, BODY))

        assert decode(message.headers.items()) == envelope

    @given(envelopes)
    def test_we_read_what_we_write(self, envelope: Envelope) -> None:
        assert decode(encode(envelope)) == envelope


def headers(**changed: bytes | None) -> list[tuple[str, bytes | None]]:
    """Good headers, some of them changed; None leaves one out."""
    good: dict[str, bytes | None] = dict(encode(an_envelope()))
    return [(name, value) for name, value in (good | changed).items() if value is not None]


class TestHostileHeaders:
    @given(
        st.lists(
            st.tuples(
                st.sampled_from([name for name, _ in encode(an_envelope())]) | st.text(),
                st.none()
                | st.binary()
                | st.text().map(lambda text: text.encode("utf-8", "ignore")),
            )
        )
    )
    def test_nothing_but_the_one_error_is_raised(
        self, pairs: list[tuple[str, bytes | None]]
    ) -> None:
        # Too few of these could ever be whole for one to pass by chance.
        with pytest.raises(UnreadableEventError) as caught:
            decode(pairs)

        assert caught.value.cause in SLUGS

    @given(
        st.sampled_from(["ce_id", "ce_time", "ce_sequence", "ce_specversion", "ce_site"]),
        st.binary() | UTF8,
    )
    def test_one_bad_header_among_good_ones_does_no_more(self, name: str, value: bytes) -> None:
        try:
            envelope = decode(headers(**{name: value}))
        except UnreadableEventError:
            return
        assert 1 <= envelope.sequence < 2**63
        envelope.time.astimezone(UTC)

    @pytest.mark.parametrize(
        "sequence",
        [
            "0",
            "-1",
            "+1",
            " 1",
            "1 ",
            "1_0",
            "01",
            "1.0",
            "1e3",
            "\u0663",
            "\uff19",
            "9" * 19,
            "9" * 5000,
        ],
    )
    def test_a_sequence_that_is_no_plain_number_is_refused(self, sequence: str) -> None:
        with pytest.raises(UnreadableEventError, match="header-malformed: ce_sequence"):
            decode(headers(ce_sequence=sequence.encode()))

    @pytest.mark.parametrize(
        "time",
        [
            "2027-03-09",
            "2027-03-09T17:30:00",
            "2027-03-09 17:30:00+00:00",
            "2027-W10-2T17:30:00Z",
            "20270309T173000Z",
            "2027-02-30T17:30:00Z",
            "2027-03-09T17:30:60Z",
            "2027-03-09T17:30:00+24:00",
            "2027-03-09T17:30:00+00:00:01",
            "0001-01-01T00:00:00+23:59",
            "9999-12-31T23:59:59-23:59",
            "\uff12027-03-09T17:30:00Z",
            "now",
        ],
    )
    def test_a_time_that_is_not_rfc_3339_or_has_no_utc_is_refused(self, time: str) -> None:
        with pytest.raises(UnreadableEventError, match="header-malformed: ce_time"):
            decode(headers(ce_time=time.encode()))

    def test_a_time_in_zulu_with_more_digits_than_a_clock_has_is_read(self) -> None:
        read_time = decode(headers(ce_time=b"2027-03-09T17:30:00.123456789Z")).time

        assert read_time == datetime(2027, 3, 9, 17, 30, 0, 123456, UTC)

    @pytest.mark.parametrize(
        "name", ["ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_sequence"]
    )
    @pytest.mark.parametrize("value", [None, b""])
    def test_a_required_header_that_is_missing_or_empty_is_named(
        self, name: str, value: bytes | None
    ) -> None:
        with pytest.raises(UnreadableEventError) as caught:
            decode(headers(**{name: value}))

        assert (caught.value.cause, caught.value.detail) == ("header-missing", name)

    @pytest.mark.parametrize("version", [b"0.3", b"1.1", b"1.0 ", None])
    def test_another_version_of_cloudevents_is_refused(self, version: bytes | None) -> None:
        with pytest.raises(UnreadableEventError) as caught:
            decode(headers(ce_specversion=version))

        assert caught.value.cause == "specversion"

    def test_an_attribute_that_is_not_utf8_is_refused(self) -> None:
        with pytest.raises(UnreadableEventError) as caught:
            decode(headers(ce_id=b"\xff\xfe"))

        assert str(caught.value) == "header-not-utf8: header 'ce_id'"

    def test_a_strangers_binary_header_is_left_alone(self) -> None:
        assert decode([*headers(), ("x-proxy", b"\xff\xfe")]) == an_envelope()

    def test_names_are_read_in_any_case(self) -> None:
        shouted = [(name.upper(), value) for name, value in headers()]

        assert decode(shouted) == an_envelope()

    def test_the_last_of_two_headers_of_one_name_counts(self) -> None:
        assert decode([*headers(), ("ce_sequence", b"8")]).sequence == 8

    def test_empty_extensions_are_absent(self) -> None:
        envelope = decode(headers(ce_site=b"", ce_traceparent=b""))

        assert (envelope.site, envelope.traceparent) == (None, None)


class TestRead:
    def test_a_known_type_is_read(self) -> None:
        assert read(an_envelope(), b'{"referral":"r1"}') == ReferralResumed(referral="r1")

    def test_a_field_that_is_not_known_is_ignored(self) -> None:
        assert read(an_envelope(), b'{"referral":"r1","later":[1]}') == ReferralResumed(
            referral="r1"
        )

    def test_a_type_that_is_not_known_is_none_whatever_its_value(self) -> None:
        envelope = Envelope("1", "s", "org.example.other.v1", "k", datetime.now(UTC), 1)

        assert read(envelope, b"\xff") is None

    @pytest.mark.parametrize(
        "value",
        [
            b"",
            b"null",
            b"[]",
            b"{}",
            b'{"referral":',
            b'{"referral":7}',
            b'{"referral":"\\ud800"}',
            b"\xff\xfe",
            b"[" * 100_000,
        ],
    )
    def test_a_bad_value_is_the_one_error(self, value: bytes) -> None:
        with pytest.raises(UnreadableEventError) as caught:
            read(an_envelope(), value)

        assert caught.value.cause == "body-invalid"

    def test_no_value_is_the_one_error(self) -> None:
        with pytest.raises(UnreadableEventError, match="no-value"):
            read(an_envelope(), None)

    @given(st.binary())
    def test_any_bytes_raise_nothing_else(self, value: bytes) -> None:
        with pytest.raises(UnreadableEventError):
            read(an_envelope(), value)

    def test_the_error_says_where_and_never_what(self) -> None:
        with pytest.raises(UnreadableEventError) as caught:
            read(an_envelope(), b'{"referral":["Invented Person"]}')

        assert str(caught.value) == "body-invalid: referral string_type"
        assert caught.value.__cause__ is None
