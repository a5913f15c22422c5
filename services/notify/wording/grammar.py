"""What words may do: name values, and choose between sentences. Nothing else of Jinja's language.

District admins write words too, so the few things that are allowed are listed and all others are
refused before a template is ever run: no calls, no attributes, no loops, no filters.
"""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any

from babel import Locale
from babel.numbers import format_decimal
from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError, nodes
from jinja2 import Template as Compiled
from jinja2.sandbox import SandboxedEnvironment

from contracts.codes import Language
from services.notify.wording.source import TemplateFault
from services.notify.wording.values import Kind, Value

_LOCALES = {Language.SPANISH: "es_US", Language.ENGLISH: "en_US"}
"""As the numbers, days and hours are written where our readers live; not `es`, which is Spain's."""

_SHOWN = frozenset({Kind.TEXT, Kind.MAYBE, Kind.COUNT, Kind.DATE, Kind.TIME})
_ASKED = frozenset({Kind.MAYBE, Kind.FLAG, Kind.COUNT})
_ORDER = frozenset({"eq", "ne", "lt", "lteq", "gt", "gteq"})


class MissingValueError(Exception):
    """A message has no value where its words need one: it must not go out with a hole."""


@cache
def locale_of(language: Language) -> Locale:
    """Return how the readers of a language write numbers, days and hours."""
    return Locale.parse(_LOCALES.get(language, "en_US"))


def _is_one(language: Language) -> Callable[[int], bool]:
    plural: Callable[[int], str] = locale_of(language).plural_form
    return lambda count: plural(count) == "one"


@cache
def _environment(language: Language) -> SandboxedEnvironment:
    locale = locale_of(language)

    def shown(value: Any) -> Any:
        return format_decimal(value, locale=locale) if isinstance(value, int) else value

    environment = SandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,  # texts and plain mails: an entity would be shown
        finalize=shown,
    )
    environment.tests["one"] = _is_one(language)
    return environment


@lru_cache(maxsize=2_000)
def _compiled(language: Language, words: str) -> Compiled:
    return _environment(language).from_string(words)


def fill(words: str, language: Language, values: Mapping[str, Any]) -> str:
    """Return words with their values.

    Raises:
        MissingValueError: one is missing, or is None.
    """
    try:
        return _compiled(language, words).render(
            {name: value for name, value in values.items() if value is not None}
        )
    except UndefinedError as error:
        raise MissingValueError(str(error.message)) from error


def used(words: str, language: Language, allowed: Mapping[str, Value]) -> frozenset[str]:
    """Return the names of the values in words, each used as its kind allows.

    Raises:
        TemplateFault: something else than naming and choosing stands there.
    """
    try:
        tree = _environment(language).parse(words)
    except TemplateSyntaxError as error:
        raise TemplateFault(f"cannot be read: {error.message}") from error
    names: set[str] = set()
    for node in tree.body:
        _statement(node, allowed, names, frozenset())
    return frozenset(names)


def _statement(
    node: nodes.Node, allowed: Mapping[str, Value], names: set[str], sure: frozenset[str]
) -> None:
    """Walk what is written; `sure` are the values that are known to be there."""
    match node:
        case nodes.Output():
            for shown in node.nodes:
                if not isinstance(shown, nodes.TemplateData):
                    _shown(shown, allowed, names, sure)
        case nodes.If():
            _condition(node.test, allowed, names)
            within = sure | _assured(node.test)
            for each in node.body:
                _statement(each, allowed, names, within)
            for each in [*node.elif_, *node.else_]:
                _statement(each, allowed, names, sure)
        case _:
            raise TemplateFault(
                f"'{type(node).__name__.lower()}' cannot be used: write {{{{ value }}}}, or "
                "{% if … %} … {% else %} … {% endif %}"
            )


def _shown(
    node: nodes.Node, allowed: Mapping[str, Value], names: set[str], sure: frozenset[str]
) -> None:
    if not isinstance(node, nodes.Name):
        raise TemplateFault("between {{ and }} stands the name of a value, and nothing else")
    value = _named(node, allowed, names)
    if value.kind not in _SHOWN:
        raise TemplateFault(f"'{node.name}' is no text: ask for it in {{% if … %}}")
    if value.kind is Kind.MAYBE and node.name not in sure:
        raise TemplateFault(
            f"'{node.name}' can be missing: write {{% if {node.name} %}} around the words with it"
        )


def _condition(node: nodes.Node, allowed: Mapping[str, Value], names: set[str]) -> None:
    match node:
        case nodes.Not():
            _condition(node.node, allowed, names)
        case nodes.And() | nodes.Or():
            _condition(node.left, allowed, names)
            _condition(node.right, allowed, names)
        case nodes.Name():
            if _named(node, allowed, names).kind not in _ASKED:
                raise TemplateFault(f"'{node.name}' is always there: it cannot be asked for")
        case nodes.Test(name="one", node=nodes.Name() as counted):
            if _named(counted, allowed, names).kind is not Kind.COUNT:
                raise TemplateFault(f"'{counted.name}' is no count: only a count can be one")
        case nodes.Compare(expr=nodes.Name() as left, ops=[nodes.Operand() as right]):
            _comparison(left, right, allowed, names)
        case _:
            raise TemplateFault("after {% if stands a value, a comparison, or 'count is one'")


def _comparison(
    left: nodes.Name, right: nodes.Operand, allowed: Mapping[str, Value], names: set[str]
) -> None:
    value = _named(left, allowed, names)
    if value.codes is not None:
        codes = [each.value for each in value.codes]
        if right.op not in {"eq", "ne"} or not isinstance(right.expr, nodes.Const):
            raise TemplateFault(f"'{left.name}' is compared by == with one of: {', '.join(codes)}")
        if right.expr.value not in codes:
            raise TemplateFault(f"'{left.name}' is never '{right.expr.value}': {', '.join(codes)}")
        return
    if value.kind is not Kind.COUNT or right.op not in _ORDER:
        raise TemplateFault(f"'{left.name}' cannot be compared")
    match right.expr:
        case nodes.Const(value=int()):
            return
        case nodes.Name() as other if _named(other, allowed, names).kind is Kind.COUNT:
            return
    raise TemplateFault(f"'{left.name}' is compared with a number or another count")


def _assured(node: nodes.Node) -> frozenset[str]:
    """Return what is there where a condition holds."""
    match node:
        case nodes.Name():
            return frozenset({node.name})
        case nodes.And():
            return _assured(node.left) | _assured(node.right)
    return frozenset()


def _named(node: nodes.Name, allowed: Mapping[str, Value], names: set[str]) -> Value:
    if node.name not in allowed:
        known = ", ".join(sorted(allowed))
        raise TemplateFault(f"there is no value '{node.name}' here; there are: {known}")
    names.add(node.name)
    return allowed[node.name]
