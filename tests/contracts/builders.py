"""Builders of schemas, baselines, envelopes and events for these tests."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel

from contracts.cloudevents import Envelope
from contracts.code import Code
from contracts.event import Event
from contracts.generate.compatibility import Baseline
from contracts.provider import SEALED_MARK
from contracts.sealed import Sealed

THING = "org.enlace.thing.moved.v1"

texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40
)  # CloudEvents strings hold no control characters
zones = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
times = st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=zones)  # noqa: DTZ001 - hypothesis adds the zone

envelopes = st.builds(
    Envelope,
    id=texts,
    source=st.sampled_from(["enlace/referral", "enlace/partner", "enlace/notify"]),
    type=texts,
    key=texts,
    time=times,
    sequence=st.integers(1, 10**18 - 1),
    site=st.none() | texts,
    traceparent=st.none() | texts,
)


def events(kind: type[Event]) -> st.SearchStrategy[Any]:
    """Any event of a class, also with codes that this release does not know."""
    return _built(kind)


def _built(kind: type[BaseModel]) -> st.SearchStrategy[Any]:
    return st.builds(
        kind, **{name: _values(field.annotation) for name, field in kind.model_fields.items()}
    )


def _values(annotation: Any) -> st.SearchStrategy[Any]:
    """Any value of a field, from its annotation."""
    inner = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return _values(inner[0])
    if get_origin(annotation) is tuple:
        return st.lists(_values(inner[0]), max_size=3).map(tuple)
    if get_origin(annotation) in {UnionType, Union}:  # the latter where one is annotated
        return st.one_of(*(_values(one) for one in inner))
    return _plain(annotation)


def _plain(kind: type) -> st.SearchStrategy[Any]:
    if issubclass(kind, AwareDatetime):
        return times
    if issubclass(kind, BaseModel):
        return _built(kind)
    if issubclass(kind, Code):
        return st.sampled_from(list(kind)) | texts.map(kind)
    if issubclass(kind, Sealed):
        return st.binary(min_size=1).map(Sealed.of)
    if kind is str:  # an id in clear never begins as a sealed one does
        return st.text().filter(lambda text: not text.startswith(SEALED_MARK))
    return st.from_type(kind)


def thing(fields: dict[str, Any], *, required: Iterable[str] = (), **more: Any) -> dict[str, Any]:
    """A closed schema of an object; `more` goes beside its fields."""
    return {
        "type": "object",
        "properties": fields,
        "required": list(required),
        "additionalProperties": False,
        **more,
    }


def release(
    schema: dict[str, Any] | None,
    *,
    topic: str = "things",
    key: tuple[str, ...] = ("thing",),
    partitions: int = 12,
    owner: str = "referral",
) -> Baseline:
    """A baseline of one topic and, where there is a schema, one type."""
    types = {} if schema is None else {THING: {"topic": topic, "schema": schema}}
    described = {"owner": owner, "key": list(key), "partitions": partitions}
    return {"release": "0.1", "topics": {"things": described}, "types": types}


def an_envelope() -> Envelope:
    """One good envelope."""
    return Envelope(
        id="01a42b57-35c0-71ea-9155-22b8fc16b944",
        source="enlace/referral",
        type="org.enlace.referral.resumed.v1",
        key="01a42b57-35c0-7728-9ea9-30241a328bee",
        time=datetime(2027, 3, 9, 17, 30, tzinfo=UTC),
        sequence=7,
    )
