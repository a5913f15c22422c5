"""What forms choose from, over HTTP: the kinds of need, languages and reasons of the district."""

from typing import Annotated

from fastapi import APIRouter, Depends

from contracts.categories import Category, Names
from contracts.codes import Language
from contracts.rules import ReasonedAct, RecordsClass
from services.chassis.auth import Allow, Principal, Role
from services.chassis.http.commands import Body
from services.chassis.reasons import SHIPPED_REASONS
from services.referral.handlers.rules import RulesBook
from services.referral.model.lists import TwoNames

Reader = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.CARE_TEAM, Role.ADMIN))]


class CategoryView(Body):
    """A kind of need as the district has it now, with its code for every request that names one.

    Attributes:
        restricted: its name alone can harm: one agency at a time, and named roles only.
        retired: nothing new is written down under it.
        shipped: it comes with Enlace; otherwise it is the district's own.
        records: what sort of records a release about it is of.
        terms: numbers of Open Eligibility that the district says stand for it.
    """

    code: Category
    names: TwoNames
    restricted: bool
    retired: bool
    shipped: bool
    records: RecordsClass
    terms: tuple[str, ...]


def categories_router(book: RulesBook) -> APIRouter:
    """Return the router of what forms choose from."""
    router = APIRouter(prefix="/v1/categories", tags=["rules"])

    @router.get("")
    async def list_categories(caller: Reader) -> list[CategoryView]:
        """List every kind of need that the district has: those that come along, then its own."""
        del caller
        await book.refresh()
        return [
            CategoryView(
                code=each.code,
                names=_named(each.names),
                restricted=each.restricted,
                retired=each.retired,
                shipped=each.code.shipped,
                records=each.records,
                terms=each.terms,
            )
            for each in book.rules().needs.all
        ]

    return router


class LanguageView(Body):
    """A language as the district has it now.

    Attributes:
        retired: forms offer it no more.
        spoken_only: hardly anybody reads it.
        written: in which language its people are written to.
        shipped: it comes with Enlace; otherwise the district has added it.
    """

    code: Language
    names: TwoNames
    retired: bool
    spoken_only: bool
    written: Language
    shipped: bool


def languages_router(book: RulesBook) -> APIRouter:
    """Return the router of the languages that forms choose from."""
    router = APIRouter(prefix="/v1/languages", tags=["rules"])

    @router.get("")
    async def list_languages(caller: Reader) -> list[LanguageView]:
        """List every language that the district has."""
        del caller
        await book.refresh()
        return [
            LanguageView(
                code=each.code,
                names=_named(each.names),
                retired=each.retired,
                spoken_only=each.spoken_only,
                written=each.written,
                shipped=each.code.shipped,
            )
            for each in book.rules().spoken.all
        ]

    return router


class ReasonView(Body):
    """A reason as the district has it now.

    Attributes:
        act: what it is a reason for.
        retired: nobody chooses it any more.
        offered: a form offers it, in this order.
        shipped: it comes with Enlace; otherwise it is the district's own.
    """

    act: ReasonedAct
    code: str
    names: TwoNames
    retired: bool
    offered: bool
    shipped: bool


def reasons_router(book: RulesBook) -> APIRouter:
    """Return the router of the reasons that forms choose from."""
    router = APIRouter(prefix="/v1/reasons", tags=["rules"])

    @router.get("")
    async def list_reasons(caller: Reader) -> list[ReasonView]:
        """List every reason that the district has, by the act that asks for it."""
        del caller
        await book.refresh()
        whys = book.rules().whys
        return [
            ReasonView(
                act=act,
                code=each.code,
                names=_named(each.names),
                retired=each.retired,
                offered=each.code in whys.choices(act),
                shipped=SHIPPED_REASONS.of(act).get(each.code) is not None,
            )
            for act in ReasonedAct
            for each in whys.of(act).all
        ]

    return router


def _named(names: Names) -> TwoNames:
    return TwoNames(en=names.en, es=names.es)
