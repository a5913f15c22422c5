"""The words of messages: shown, tried, and worded by the district, with every version kept."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import AfterValidator, Field

from contracts.codes import Channel, Language
from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import EnlaceError, Kind, TwoTonguesError, rule, unknown
from services.chassis.http.commands import Body, IfMatch, expected_version, set_etag
from services.chassis.ids import new_id
from services.chassis.store import Change, Found, Ref
from services.notify.api.context import Context
from services.notify.model.conversation import OUTGOING, Outgoing, Suppression
from services.notify.model.wording import DistrictWording, PastWording, Worded, WordingTests
from services.notify.providers.base import Parcel, Provider
from services.notify.wording.check import check
from services.notify.wording.preview import Example, Size, examples
from services.notify.wording.source import (
    LANGUAGES,
    Audience,
    Sensitivity,
    Signer,
    Source,
    shipped,
)
from services.notify.wordings import in_force, put_in_force, worded

_TESTS_A_DAY = 20
_DAY = timedelta(hours=24)

Name = Annotated[str, Path(max_length=64)]
Admin = Annotated[Principal, Depends(Allow(Role.ADMIN))]


def _written(language: Language) -> Language:
    if language not in LANGUAGES:
        raise TwoTonguesError(
            "choose a language in which messages exist: es or en",
            "elija un idioma en el que haya mensajes: es o en",
        )
    return language


Written = Annotated[Language, AfterValidator(_written)]


class PartBody(Body):
    """Words on one channel in one language."""

    channel: Channel
    language: Written
    subject: Annotated[str, Field(max_length=200)] = ""
    body: Annotated[str, Field(min_length=1, max_length=4_000)]


class WordingBody(Body):
    """The district's own words; a part that is left out is as it came with Enlace."""

    parts: Annotated[tuple[PartBody, ...], Field(max_length=8)]


class TryBody(Body):
    """Whom to send a message to, with made-up values, before anybody else gets it."""

    channel: Channel
    language: Written
    to: Annotated[str, Field(min_length=3, max_length=254)]
    parts: Annotated[tuple[PartBody, ...], Field(max_length=8)] = ()


class FindingView(Body):
    """Something that must be mended before words can be in force."""

    rule: str
    says: str
    says_es: str
    channel: Channel | None
    language: Language | None


class ExampleView(Body):
    """A message as it goes out, with the shortest or longest values that are real."""

    channel: Channel
    language: Language
    size: Size
    subject: str
    body: str
    html: str
    parts: int


class TemplateRow(Body):
    """A message, in a list of all."""

    name: str
    purpose: str
    audience: Audience
    own: bool


class TemplateView(Body):
    """A message: what it is for, its words, and how they come out.

    Attributes:
        values: what its words may name, beside `name`, `school` and `phone`.
        own: whether the district words a part of it.
        parts: the words in force.
    """

    name: str
    purpose: str
    audience: Audience
    sensitivity: Sensitivity
    signs: Signer
    values: tuple[str, ...]
    own: bool
    parts: tuple[PartBody, ...]
    findings: tuple[FindingView, ...]
    examples: tuple[ExampleView, ...]


class VersionView(Body):
    """A wording as it was put in force; no parts: back to the words of Enlace."""

    number: int
    by: str
    at: datetime
    parts: tuple[PartBody, ...]


class TryView(Body):
    """What the carrier or mail server said of a test: `accepted`, or how it failed."""

    outcome: str


def wordings_router(context: Context, providers: Mapping[Channel, Provider]) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/message-templates", tags=["words"])

    @router.get("")
    async def get_templates(caller: Admin) -> list[TemplateRow]:
        """List every message, and which the district words itself."""
        del caller
        own = {each.id async for each in context.store.find(DistrictWording, {}) if each.parts}
        return [
            TemplateRow(
                name=name,
                purpose=source.header.purpose,
                audience=source.header.audience,
                own=name in own,
            )
            for name, source in shipped().items()
        ]

    @router.get("/{name}")
    async def get_template(name: Name, caller: Admin, response: Response) -> TemplateView:
        """Show a message in the words that are in force."""
        del caller
        _known(name)
        known = await context.store.get(DistrictWording, name)
        set_etag(response, known.version if known else 0)
        source = await in_force(context.store, name)
        return await asyncio.to_thread(_view, source, own=bool(known and known.parts))

    @router.get("/{name}/versions")
    async def get_versions(name: Name, caller: Admin) -> list[VersionView]:
        """List the district's wordings of a message, the newest first, and who made each."""
        del caller
        _known(name)
        found = context.store.find(PastWording, {"template": name}, sort=[("number", -1)])
        return [
            VersionView(
                number=each.number, by=each.by, at=each.at, parts=_parts_of(worded_of(each.parts))
            )
            async for each in found
        ]

    @router.post("/{name}/check")
    async def check_wording(name: Name, body: WordingBody, caller: Admin) -> TemplateView:
        """Try words: what is to be mended, and how they come out; nothing is changed."""
        del caller
        source = worded(_known(name), _worded(body.parts))
        return await asyncio.to_thread(_view, source, own=bool(body.parts))

    @router.put("/{name}")
    async def put_wording(
        name: Name, body: WordingBody, caller: Admin, response: Response, if_match: IfMatch = None
    ) -> TemplateView:
        """Put the district's words in force, from the next message on."""
        _known(name)
        seen = expected_version(if_match)
        now = context.clock.now()
        await put_in_force(
            context.store, name, _worded(body.parts), seen=seen, by=caller.subject, now=now
        )
        set_etag(response, seen + 1)
        source = await in_force(context.store, name)
        return await asyncio.to_thread(_view, source, own=bool(body.parts))

    @router.post("/{name}/test-send")
    async def send_test(name: Name, body: TryBody, caller: Admin) -> TryView:
        """Send a message with made-up values to a number or address of one's own."""
        source = worded(await in_force(context.store, _known(name).name), _worded(body.parts))
        made = [
            each
            for each in examples(source)
            if (each.channel, each.language) == (body.channel, body.language)
        ]
        if not made:
            raise unknown("template")
        await _need_leave(context, caller.subject, body)
        report = await providers[body.channel].send(_parcel(made[-1], body.to))
        return TryView(outcome=report.kind.value)

    return router


def _known(name: str) -> Source:
    source = shipped().get(name)
    if source is None:
        raise unknown("template")
    return source


def _worded(parts: tuple[PartBody, ...]) -> tuple[Worded, ...]:
    return tuple(Worded(**each.model_dump()) for each in parts)


def worded_of(parts: tuple[Worded, ...]) -> tuple[Worded, ...]:
    """Return parts in the order in which they are shown."""
    return tuple(sorted(parts, key=lambda each: (each.channel, each.language)))


def _parts_of(parts: tuple[Worded, ...]) -> tuple[PartBody, ...]:
    return tuple(PartBody(**each.model_dump()) for each in parts)


def _view(source: Source, *, own: bool) -> TemplateView:
    findings = check(source)
    readable = not any(each.rule in {"grammar", "values", "languages"} for each in findings)
    return TemplateView(
        name=source.name,
        purpose=source.header.purpose,
        audience=source.header.audience,
        sensitivity=source.header.sensitivity,
        signs=source.header.signs,
        values=source.header.values,
        own=own,
        parts=tuple(
            PartBody(channel=channel, language=language, subject=part.subject, body=part.body)
            for (channel, language), part in source.parts.items()
        ),
        findings=tuple(
            FindingView(
                rule=each.rule,
                says=each.says,
                says_es=each.says_es,
                channel=each.channel,
                language=each.language,
            )
            for each in findings
        ),
        examples=tuple(_example(each) for each in examples(source)) if readable else (),
    )


def _example(each: Example) -> ExampleView:
    return ExampleView(
        channel=each.channel,
        language=each.language,
        size=each.size,
        subject=each.subject,
        body=each.body,
        html=each.html,
        parts=each.parts,
    )


def _parcel(example: Example, to: str) -> Parcel:
    mark = "[Test] "
    text = example.channel is Channel.SMS
    return Parcel(
        message=new_id(),
        to=to,
        body=mark + example.body if text else example.body,
        subject=mark + example.subject,
        html=example.html,
        languages=(example.language,),
    )


async def _need_leave(context: Context, caller: str, body: TryBody) -> None:
    """Let a test go only where any message could, and not too many of them.

    Raises:
        EnlaceError: the address is none, has said stop, or nothing goes out now.
    """
    text = body.channel is Channel.SMS
    to = context.book.number_of(body.to) if text else context.book.mailbox_of(body.to)
    if to is None or (not text and "@" not in body.to):
        raise EnlaceError(
            "address-unusable",
            Kind.MALFORMED,
            "This is no telephone number or mail address. Nothing was sent: write it in full.",
            es="Esto no es un teléfono ni un correo. No se envió nada: escríbalo completo.",
        )
    refs = (Ref(Suppression, to), Ref(Outgoing, OUTGOING), Ref(WordingTests, caller))

    def take(found: Found) -> Change[None]:
        now = context.clock.now()
        suppression, switch = found.get(refs[0]), found.get(refs[1])
        if suppression is not None and suppression.on:
            raise rule(
                "opted-out",
                "Whoever has this number or address wants no messages. Nothing was sent.",
                es="Quien tiene este número o correo no quiere mensajes. No se envió nada.",
            )
        if switch is not None and not switch.on:
            raise rule(
                "switched-off",
                "Nothing goes out now: an operator has turned messages off. Try again later.",
                es="Ahora no sale nada: los mensajes están apagados. Intente más tarde.",
            )
        known = found.get(refs[2]) or WordingTests(id=caller)
        lately = tuple(each for each in known.sent if now - each < _DAY)
        if len(lately) >= _TESTS_A_DAY:
            raise EnlaceError(
                "too-many-tests",
                Kind.TOO_MANY,
                f"{_TESTS_A_DAY} tests a day are enough. Nothing was sent: look at the preview.",
                es=f"Bastan {_TESTS_A_DAY} pruebas al día. No se envió nada: vea la muestra.",
            )
        return Change(None, [known.having(sent=(*lately, now))])

    await context.store.update(refs, take)
