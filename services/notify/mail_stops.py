"""No more mail: the address by which a reader says so, with one press and without signing in.

RFC 8058: the mail program posts to it by itself when its reader presses *unsubscribe*; a GET, which
scanners of mail make too, only shows a page.
"""

from contracts.codes import Channel
from contracts.messages import PersonOptedOut
from services.chassis.clock import Clock
from services.chassis.links import derive_token, same
from services.chassis.store import Change, Found, Ref, Store
from services.notify.book import AddressBook
from services.notify.model.contact import Contact
from services.notify.model.conversation import Suppression
from services.notify.model.message import conversation_of

_PURPOSE = "mail-stop"


class MailStops:
    """Makes and reads these addresses; nothing of them is stored.

    Args:
        link_key: derives what stands in them.
        url: of this service, as the world reaches it.
    """

    def __init__(self, link_key: bytes, url: str) -> None:
        self._link_key = link_key
        self._url = url.rstrip("/")

    def address(self, person: str) -> str:
        """Return a person's address."""
        return f"{self._url}/v1/mail-stops/{person}/{self._token(person)}"

    def fits(self, person: str, token: str) -> bool:
        """Tell whether an address is one that was made for this person."""
        return same(token, self._token(person))

    def _token(self, person: str) -> str:
        return derive_token(
            self._link_key, purpose=_PURPOSE, subject=person, recipient=person, nonce=""
        )


async def stop_mail(store: Store, book: AddressBook, clock: Clock, person: str) -> None:
    """Let no more mail go to the address that somebody has now; a repeat changes nothing.

    The wish belongs to the address, as one by text belongs to the number: it outlives the contact.
    """
    contact = await store.get(Contact, person)
    reach = await book.open(contact) if contact else None
    address = book.mailbox_of(reach.email) if reach else None
    if address is None:
        return
    ref = Ref(Suppression, address)
    gone = PersonOptedOut(
        conversation=conversation_of(person, Channel.EMAIL), person=person, channel=Channel.EMAIL
    )

    def stop(found: Found) -> Change[None]:
        known = found.get(ref)
        if known is not None and known.on:
            return Change(None)
        now = clock.now()
        fresh = known or Suppression(id=address, on=True, since=now, by="mail")
        return Change(None, [fresh.having(on=True, since=now, by="mail")], [gone])

    await store.update([ref], stop)
