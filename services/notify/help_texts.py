"""A text by which somebody asks for help: sealed before anybody else sees it."""

from xml.sax.saxutils import escape

from contracts.codes import Channel, Language, ReplyCode
from contracts.help_requests import Asked, HelpTexted
from services.chassis.district import DistrictCopy
from services.chassis.ids import new_id
from services.chassis.privacy import Vault
from services.chassis.store import Store
from services.notify.book import AddressBook
from services.notify.model.contact import Book
from services.notify.model.conversation import OUTGOING, Outgoing, Reply, Suppression
from services.notify.wording.grammar import fill
from services.notify.wording.source import shipped

NOTHING_SAID = "<Response></Response>"


class HelpTexts:
    """Seals requests that come by text, and answers numbers that are nobody's.

    Args:
        book: seals under the keys of people who are known.
        askers: the vault of those whom nobody knows; keys are made here.
        district: in which language people are written to.
    """

    def __init__(
        self, store: Store, book: AddressBook, askers: Vault, district: DistrictCopy
    ) -> None:
        self._store = store
        self._district = district
        self._book = book
        self._askers = askers

    async def sealed(
        self, id: str, people: tuple[str, ...], words: str, phone: str, *, crisis: bool
    ) -> HelpTexted | None:
        """Return the request for referral; None where this text was taken before.

        Args:
            id: the carrier's, of the text.
            people: ids of whose number it is, the likeliest first.
            words: as they came.
            crisis: they sound like danger.
            phone: where they came from: kept with a stranger's words alone, to call them back.
        """
        if await self._store.get(Reply, id) is not None:
            return None
        request = new_id()
        known = people[:1]
        if known:
            asked = await self._book.seal(Book.PEOPLE, known[0], Asked(words=words))
            if asked is not None:
                return HelpTexted(
                    help_request=request, people=people, asked=asked, crisis=crisis or None
                )
        # Nobody's number, or that of somebody who was erased: the words have no key but their own.
        await self._askers.create_key(request)
        asked = await self._askers.seal(request, Asked(words=words, reach=phone))
        return HelpTexted(help_request=request, people=(), asked=asked, crisis=crisis or None)

    async def answer(self, number: str, reply: ReplyCode, language: Language) -> str:
        """Return the TwiML by which the carrier answers a stranger who asked for help.

        Nobody's contact can be told by a message of its own. Who said stop is not answered.
        """
        if reply is not ReplyCode.NEED:
            return NOTHING_SAID
        return await self._say(number, "stranger-received", language)

    async def say_enough(self, number: str, language: Language) -> str:
        """Return the TwiML by which the carrier answers a number that has asked too often today.

        Who said stop is not answered.
        """
        return await self._say(number, "asked-enough", language)

    async def say_emergency(self, number: str, language: Language) -> str:
        """Return the TwiML by which the carrier gives a stranger the emergency numbers."""
        return await self._say(number, "stranger-emergency", language)

    async def introduce(self, number: str, asking: dict[Language, tuple[str, ...]]) -> str:
        """Return the TwiML that tells somebody whom nobody knows how to ask, in both languages."""
        said = [
            _read(language, "stranger-unknown").replace("{word}", words[0].upper())
            for language, words in asking.items()
            if words
        ]
        return await self._unless_stopped(number, " / ".join(said)) if said else NOTHING_SAID

    async def _say(self, number: str, name: str, language: Language) -> str:
        written = (await self._district.languages()).written_in(language)
        return await self._unless_stopped(number, _read(written, name))

    async def _unless_stopped(self, number: str, text: str) -> str:
        suppression = await self._store.get(Suppression, number)
        switch = await self._store.get(Outgoing, OUTGOING)
        if (suppression is not None and suppression.on) or (switch is not None and not switch.on):
            return NOTHING_SAID
        return f"<Response><Message>{escape(text)}</Message></Response>"


def _read(language: Language, name: str) -> str:
    return fill(shipped()[name].parts[Channel.SMS, language].body, language, {})
