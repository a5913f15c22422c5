"""Many children asked of one service at once: told in one message, and taken by number. Pure.

Each is a referral and an offer of its own, claimed with a seat of its own. The batch counts how
many the agency wants and how many it has got by that word, in the transaction of each claim: so
that two who carry the same word out together never take more than was said.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict

from contracts.agencies import OffersBatched, OffersTaken
from contracts.codes import BatchResult, DeclineReason
from contracts.event import Event
from contracts.sealed import Sealed
from services.chassis.aggregate import Aggregate
from services.chassis.errors import rule
from services.partner.model.page_link import PageLink

GATHERED_FOR = timedelta(minutes=2)
"""How long what one command asks for is gathered before the agency is told."""

MOST = 100


class Item(BaseModel):
    """One child's offer."""

    model_config = ConfigDict(frozen=True)

    referral: str
    offer: str


class Take(BaseModel):
    """An agency's word on those that are open.

    Attributes:
        id: of the text, or of the turn on the page, so that it counts once.
        wants: how many it takes; 0 declines those that are open.
        reason: why none, of a no.
        words: sealed under the contact's key, where the reason asks for them.
        got: how many it has got by this word so far.
        done: nothing more comes of it.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    wants: int
    reason: DeclineReason | None = None
    words: Sealed | None = None
    got: int = 0
    done: bool = False


class Batch(Aggregate):
    """Offers of one command to one service; the id is the command's.

    Attributes:
        site: the school that asks.
        contact: the person whom it goes to.
        nonce: from what the link to its page is derived, once it was told.
        takes: what the agency has said, oldest first.
        pending: its last word is being carried out.
        next_due: when the agency is told of what was gathered.
    """

    COLLECTION: ClassVar[str] = "batches"

    agency: str
    service: str
    site: str
    contact: str
    answer_by: datetime
    items: tuple[Item, ...] = ()
    nonce: str = ""
    told: int = 0
    takes: tuple[Take, ...] = ()
    pending: bool = False
    next_due: datetime | None = None

    def with_item(self, item: Item, answer_by: datetime, now: datetime) -> Self:
        """Return it with one more offer; one that it has changes nothing."""
        if any(each.offer == item.offer for each in self.items) or len(self.items) >= MOST:
            return self
        return self.having(
            items=(*self.items, item),
            answer_by=max(self.answer_by, answer_by),
            next_due=self.next_due or now + GATHERED_FOR,
        )

    def with_only(self, offers: Collection[str]) -> Self:
        """Return it with these offers alone, as long as nobody was told of any."""
        left = tuple(each for each in self.items if each.offer in offers)
        return self if self.told or len(left) == len(self.items) else self.having(items=left)

    def tell(self, nonce: str) -> tuple[Self, Event | None]:
        """Tell the agency of what was gathered, and of what has come since by itself.

        Of none nothing is told: everything was taken back meanwhile.
        """
        fresh = len(self.items) - self.told
        if fresh < 1:
            return self.having(next_due=None), None
        nonce = self.nonce or nonce
        event = OffersBatched(
            agency=self.agency,
            batch=self.id,
            contact=self.contact,
            nonce=nonce,
            site=self.site,
            count=fresh,
            answer_by=self.answer_by,
        )
        return self.having(nonce=nonce, told=len(self.items), next_due=None), event

    def say(self, take: Take, turn: int | None) -> Self:
        """Take the agency's word; the same one again changes nothing.

        Args:
            take: the word.
            turn: how many words there were on the page on which it was said; None for a text.

        Raises:
            EnlaceError: an earlier word is still being carried out (`still-taking`), or something
                was said since the page was shown (`said-meanwhile`).
        """
        said = next((each for each in self.takes if each.id == take.id), None)
        if said is not None and (said.wants, said.reason) == (take.wants, take.reason):
            return self
        if said is not None or (turn is not None and turn != len(self.takes)):
            raise rule(
                "said-meanwhile",
                "Something was said for these families since you saw the page. Nothing was "
                "changed: look at what is open now, and say again how many you take.",
                es="Se respondió algo sobre estas familias desde que vio la página. No se cambió "
                "nada: mire cuáles quedan y diga otra vez a cuántas atiende.",
            )
        if self.pending:
            raise rule(
                "still-taking",
                "What you said before is still being done. Nothing was changed: look again in a "
                "moment.",
                es="Todavía se está haciendo lo que dijo antes. No se cambió nada: mire de nuevo "
                "en un momento.",
            )
        return self.having(takes=(*self.takes, take), pending=True)

    @property
    def taking(self) -> Take | None:
        """The word that is being carried out."""
        return self.takes[-1] if self.pending and self.takes else None

    def got_one(self) -> Self:
        """Return it with one more child taken by its last word."""
        last = self.takes[-1]
        return self._last(got=last.got + 1)

    def settle(self, result: BatchResult, left: int) -> tuple[Self, Event]:
        """End its last word, and tell what came of it."""
        last = self.takes[-1]
        event = OffersTaken(
            agency=self.agency,
            batch=self.id,
            contact=self.contact,
            nonce=self.nonce,
            site=self.site,
            asked=last.wants,
            taken=last.got,
            left=left,
            result=result,
        )
        return self._last(done=True).having(pending=False), event

    def _last(self, **changes: object) -> Self:
        last = self.takes[-1].model_copy(update=changes)
        return self.having(takes=(*self.takes[:-1], last))


class BatchLink(PageLink):
    """A link to the page of a batch."""

    COLLECTION: ClassVar[str] = "batch_links"

    batch: str
