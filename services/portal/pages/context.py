"""What every page needs, put together once, and how a template is filled."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import phonenumbers
from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.chassis.auth import OF_AGENCY, Role, ServiceIdentity
from services.chassis.clock import Clock
from services.chassis.sites import Site, Sites
from services.portal.district import District
from services.portal.errors import SignedOutError
from services.portal.floods import Floods
from services.portal.names import Names
from services.portal.sessions import Session, Sessions
from services.portal.settings import PortalSettings
from services.portal.upstream import Upstream
from services.portal.when import When
from services.portal.words import LANGUAGES, OWN_NAMES, Words, chosen_language, words_in

HOME = Path(__file__).parents[1]
STATIC = HOME / "static"

ASKERS = (Role.COORDINATOR, Role.CARE_TEAM, Role.LEADERSHIP, Role.STAFF, Role.ADMIN)
"""Who may ask for help for a child: anybody who works at a school."""

PARTNER_READERS = (Role.COORDINATOR, Role.CARE_TEAM, Role.ADMIN, *OF_AGENCY)
"""Who reads the directory and agreements; an agency's staff their own."""

_LANGUAGE_COOKIE = "enlace-language"
_YEAR_SECONDS = 365 * 24 * 3600


class Pages:
    """Collaborators of the pages.

    Args:
        settings: the portal's.
        clock: the product's time.
        sites: the district's schools.
        upstream: the services.
        sessions: who is signed in.
        floods: guards the page that anybody can write on.
        identity: the portal's own, for what no signed-in person asks of a service.
        district: what the district has laid down.
    """

    def __init__(  # noqa: PLR0917 - each is one collaborator
        self,
        settings: PortalSettings,
        clock: Clock,
        sites: Sites,
        upstream: Upstream,
        sessions: Sessions,
        floods: Floods,
        identity: ServiceIdentity,
        district: District,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.sites = sites
        self.upstream = upstream
        self.names = Names(upstream)
        self.sessions = sessions
        self.floods = floods
        self.identity = identity
        self.district = district
        self._templates = Environment(
            loader=FileSystemLoader(HOME / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["sentence"] = _sentence
        self._templates.filters["telephone"] = _telephone
        self._templates.globals["static"] = _static_address
        self._templates.globals["tabs_of"] = _tabs_of
        self._templates.globals["keeper"] = keeper_of

    @property
    def session_cookie(self) -> str:
        """The cookie's name; by https one that no other host can set."""
        return "__Host-enlace" if self.settings.secure else "enlace"

    def words(self, request: Request, prefer: str | None = None) -> Words:
        """Return the words of the reader's language.

        Args:
            request: asks for a language, or its browser does.
            prefer: the language of the person whom the page is for, where it is known: it counts
                more than their browser's.
        """
        language = chosen_language(
            request.query_params.get("lang"),
            request.cookies.get(_LANGUAGE_COOKIE) or prefer,
            request.headers.get("accept-language", ""),
        )
        return words_in(language).of(self.district.now)

    def when(self, words: Words) -> When:
        """Return what speaks of times, as of now."""
        return When(words, self.clock.now(), self.settings.zone)

    def site(self, id: str) -> Site:
        """Return a school."""
        return self.sites.get(id)

    async def signed_in(self, request: Request) -> Session:
        """Return who is signed in.

        Raises:
            SignedOutError: nobody.
        """
        session = await self.sessions.find(request.cookies.get(self.session_cookie))
        if session is None:
            raise SignedOutError
        return session

    def fill(self, template: str, words: Words, **values: Any) -> str:
        """Return a filled template, for a part of a page."""
        return self._templates.get_template(template).render(
            t=words, when=self.when(words), **values
        )

    def page(
        self,
        request: Request,
        template: str,
        *,
        words: Words | None = None,
        session: Session | None = None,
        status: int = 200,
        **values: Any,
    ) -> Response:
        """Return a whole page."""
        words = words or self.words(request)
        other = next(each for each in LANGUAGES if each != words.language)
        html = self.fill(
            template,
            words,
            language=words.language,
            other_language=other,
            other_name=OWN_NAMES[other],
            other_address=_in_language(request, other),
            session=session,
            here=request.url.path,
            **values,
        )
        response = HTMLResponse(html, status_code=status)
        response.headers["Content-Language"] = words.language
        response.headers["Vary"] = "Cookie, Accept-Language"
        asked = request.query_params.get("lang")
        if asked in LANGUAGES:
            response.set_cookie(
                _LANGUAGE_COOKIE,
                str(asked),
                max_age=_YEAR_SECONDS,
                samesite="lax",
                httponly=True,
                secure=self.settings.secure,
            )
        return response


def _in_language(request: Request, language: str) -> str:
    kept: Mapping[str, str] = {
        name: value for name, value in request.query_params.items() if name != "lang"
    }
    pairs = [*kept.items(), ("lang", language)]
    return "?" + "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs)


def _sentence(text: str) -> str:
    """Begin with a capital: a name that is not known makes a sentence start with an article."""
    # A slice of safe words is safe, and of others is escaped once more by the template.
    return text[:1].upper() + text[1:]


def _telephone(number: str) -> str:
    """Return an E.164 number as people write it here; another one as it came."""
    try:
        read = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    home = read.country_code == 1
    form = phonenumbers.PhoneNumberFormat
    return str(phonenumbers.format_number(read, form.NATIONAL if home else form.INTERNATIONAL))


def _tabs_of(session: Session) -> list[tuple[str, str]]:
    """Return the addresses and words of the main navigation, as far as they are somebody's."""
    person = session.person
    outside = only_asks(session) or only_of_agency(session)
    tabs = [] if outside else [("/", "nav.today"), ("/reports", "nav.reports")]
    if person.has(*PARTNER_READERS):
        tabs.insert(1, ("/partners", "nav.partners"))
    if person.agencies:
        tabs.insert(0, ("/agency", "nav.own"))
    asks = person.has(*ASKERS)
    return [*tabs, *([("/ask-for-help", "nav.ask")] if asks else [])]


def keeper_of(session: Session) -> str:
    """Return whose what a phone keeps is, so that it never goes as somebody else's.

    A sum of the account: the phone need not know more.
    """
    return hashlib.sha256(b"kept on a phone " + session.person.subject.encode()).hexdigest()[:16]


def only_asks(session: Session) -> bool:
    """Tell whether asking for help is all that somebody may do here."""
    return {role for role, _ in session.person.grants} == {Role.STAFF}


def only_of_agency(session: Session) -> bool:
    """Tell whether somebody works for an agency and for no school."""
    roles = {role for role, _ in session.person.grants}
    return bool(roles) and roles <= set(OF_AGENCY)


_sums: dict[str, str] = {}


def _static_address(name: str) -> Markup:
    """Return a static file's address, which changes with the file."""
    if name not in _sums:
        path = STATIC / name
        # The vendored scripts are copied at build time; a page without them still works.
        content = path.read_bytes() if path.exists() else b""
        _sums[name] = hashlib.sha256(content).hexdigest()[:12]
    return Markup("/static/{}?v={}").format(name, _sums[name])
