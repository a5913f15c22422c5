"""The contact book: kept in transactions, opened outside of them."""

import hashlib
import hmac

import structlog
from pydantic import BaseModel

from contracts.agencies import AgencyChanged, ContactProfile
from contracts.codes import Channel
from contracts.people import PersonChanged, Profile
from contracts.sealed import Sealed
from services.chassis.errors import EnlaceError
from services.chassis.people import phone_number
from services.chassis.privacy import KeyGoneError, Vault
from services.chassis.store import Aggregate, Change, Found, Ref, Store
from services.notify.model.contact import Book, Contact, Reach
from services.notify.model.conversation import Conversation
from services.notify.model.message import conversation_of

log = structlog.get_logger()


async def keep_person(store: Store, event: PersonChanged) -> None:
    """Keep somebody's present state."""
    fresh = Contact(
        id=event.person,
        book=Book.PEOPLE,
        household=event.family,
        kind=event.kind,
        profile=event.profile,
    )
    await _keep(store, fresh)


async def keep_agency(store: Store, event: AgencyChanged) -> None:
    """Keep an agency's contacts; those that are gone from it are forgotten."""
    present = () if event.retired else event.contacts
    kept = {each.contact for each in present}
    gone = store.find(Contact, {"book": Book.AGENCIES.value, "household": event.agency})
    for identifier in [each.id async for each in gone if each.id not in kept]:
        await erase(store, identifier, event.agency, Book.AGENCIES)
    for each in present:
        fresh = Contact(
            id=each.contact, book=Book.AGENCIES, household=event.agency, profile=each.profile
        )
        await _keep(store, fresh)


async def _keep(store: Store, fresh: Contact) -> None:
    ref = Ref(Contact, fresh.id)

    def keep(found: Found) -> Change[None]:
        known = found.get(ref)
        if known is None:
            return Change(None, [fresh])
        if (known.profile, known.household) == (fresh.profile, fresh.household):
            return Change(None)
        kept = {"version": known.version, "wrong": known.wrong, "missed": known.missed}
        return Change(None, [fresh.having(**kept)])

    await store.update([ref], keep)


async def erase(store: Store, id: str, household: str, book: Book = Book.PEOPLE) -> None:
    """Forget somebody; the stub tells waiting messages that nobody is to come.

    The number's own wish for no texts stays: it belongs to the number.
    """
    ref = Ref(Contact, id)
    talk = Ref(Conversation, conversation_of(id, Channel.SMS))

    def forget(found: Found) -> Change[None]:
        known = found.get(ref) or Contact(id=id, book=book, household=household)
        saved: list[Aggregate] = [known.having(profile=None, number=None, indexed=True, wrong=None)]
        spoken = found.get(talk)
        if spoken is not None:
            saved.append(spoken.having(number=None))
        return Change(None, saved)

    await store.update([ref, talk], forget)


class AddressBook:
    """Opens contacts at the moment of sending, with keys that this service can only read.

    Args:
        vaults: by book.
        secret: keys the hashes of numbers, so that a list of numbers cannot be tried on them.
    """

    def __init__(self, store: Store, vaults: dict[Book, Vault], secret: bytes) -> None:
        self._store = store
        self._vaults = vaults
        self._secret = secret

    async def open(self, contact: Contact) -> Reach | None:
        """Return how somebody is reached; None for one who was erased.

        Raises:
            EnlaceError: what was sealed is no profile.
            PyMongoError: the vault is away; try again.
        """
        if contact.profile is None:
            return None
        vault = self._vaults[contact.book]
        try:
            if contact.book is Book.AGENCIES:
                return Reach.of(await vault.open_as(ContactProfile, contact.profile))
            return Reach.of(await vault.open_as(Profile, contact.profile))
        except KeyGoneError:
            return None

    async def seal(self, book: Book, person: str, text: BaseModel | str) -> Sealed | None:
        """Return words under a person's key; None where the key was destroyed."""
        try:
            return await self._vaults[book].seal(person, text)
        except KeyGoneError:
            return None

    async def read(self, book: Book, text: Sealed | None) -> str | None:
        """Return sealed words; None where the key was destroyed."""
        return await self._vaults[book].open_if(text)

    def number_of(self, phone: str | None) -> str | None:
        """Return the keyed hash of a number, however it is written; None for no number."""
        if phone is None:
            return None
        try:
            return self.hash(phone_number(phone))
        except ValueError:
            return None

    def mailbox_of(self, email: str | None) -> str | None:
        """Return the keyed hash of a mail address, in any case; None for none."""
        return self.hash(f"mailto:{email.strip().lower()}") if email else None

    def hash(self, text: str) -> str:
        """Return the keyed hash of a text."""
        return hmac.new(self._secret, text.encode("utf-8"), hashlib.sha256).hexdigest()

    async def index_new(self, limit: int = 100) -> int:
        """Open profiles that have come, to find people by their number; returns how many."""
        waiting = self._store.find(Contact, {"indexed": False}, limit=limit)
        done = 0
        async for contact in waiting:
            try:
                reach = await self.open(contact)
            except EnlaceError as error:  # nobody else's number waits for one that is no profile
                log.warning("book.unreadable", contact=contact.id, error=error.slug)
                reach = None
            await self._index(contact, self.number_of(reach.phone) if reach else None)
            done += 1
        return done

    async def check(self) -> None:
        """Make sure that our root key is the vaults'.

        Raises:
            WrongRootKeyError: it is another one.
        """
        for vault in self._vaults.values():
            await vault.check()

    async def close(self) -> None:
        """Let the vaults' memory go."""
        for vault in self._vaults.values():
            await vault.close()

    async def _index(self, opened: Contact, number: str | None) -> None:
        ref = Ref(Contact, opened.id)

        def index(found: Found) -> Change[None]:
            known = found.get(ref)
            if known is None or known.profile != opened.profile:
                return Change(None)  # it has changed meanwhile, and will be looked at again
            return Change(None, [known.having(number=number, indexed=True)])

        await self._store.update([ref], index)
