"""Addresses that codes go to: one that is new to an agency needs somebody else's yes. Pure.

Whoever can write an address could write their own, ask for a code, and read who the child is. So no
code goes to an address that came after the agency itself until a second person, of the district or
of the agency, has said that it is right. Waiting alone would not do: nobody need notice in a day.
"""

from services.chassis.errors import rule, unknown
from services.partner.model.agency import Agency, Contact


def registered(before: Agency | None, after: Agency, by: str) -> Agency:
    """Return an agency whose new addresses wait for somebody else's yes.

    Those with which an agency is entered are its first: no offer was made to it before.

    Args:
        before: what stood; None for one that is entered.
        after: what is to stand.
        by: the subject of who changes it.
    """
    if before is None:
        return after
    people = tuple(_stamped(before.contact(each.id), each, by) for each in after.contacts)
    return after.having(contacts=people)


def _stamped(known: Contact | None, fresh: Contact, by: str) -> Contact:
    if known is not None and known.address == fresh.address:
        return fresh.model_copy(update={"entered_by": known.entered_by})
    return fresh.model_copy(update={"entered_by": by if fresh.channels else None})


def confirmed(agency: Agency, contact: str, by: str) -> Agency:
    """Return an agency with somebody else's yes to an address; a repeat changes nothing.

    Raises:
        EnlaceError: there is no such person, or who says yes has entered it (`own-entry`).
    """
    known = agency.contact(contact)
    if known is None:
        raise unknown("contact")
    if known.entered_by is None:
        return agency
    if known.entered_by == by:
        raise rule(
            "own-entry",
            "You entered this address yourself, so that somebody else must say that it is right. "
            "Nothing was changed: ask another coordinator of a school that works with this agency, "
            "the agency itself, or the district's administrator.",
            es="Usted mismo escribió esta dirección, así que otra persona tiene que decir que está "
            "bien. No se cambió nada: pida a otra coordinación de una escuela que trabaje con la "
            "agencia, a la agencia misma o a la administración del distrito.",
        )
    fresh = known.model_copy(update={"entered_by": None})
    return agency.having(
        contacts=tuple(fresh if each.id == contact else each for each in agency.contacts)
    )


def need_confirmed(agency: Agency, contact: str) -> None:
    """Pass where a one-time code may go to a person's address.

    Raises:
        EnlaceError: nobody but who entered it has said that it is right (`address-unconfirmed`).
    """
    known = agency.contact(contact)
    if known is not None and known.entered_by is None:
        return
    raise rule(
        "address-unconfirmed",
        "The address that codes go to was changed, and nobody else has confirmed it yet. No code "
        "was sent and nothing was shown: call the school, which can confirm it at once.",
        es="La dirección a la que van los códigos cambió y nadie más la ha confirmado. No se envió "
        "ningún código ni se mostró nada: llame a la escuela, que puede confirmarla enseguida.",
    )
