"""What a guardian's disclosure report tells (34 CFR 99.32): which readings, gathered by day. Pure.

Three rules, each failing to silence:

* What was read on a student's own consent is in no guardian's report.
* A restricted need is told only to the guardian who consented to it: on a paper that lies about,
  the name of an agency says as much as the need's. What the school told of one without a consent
  is the family's to know all the same: others read when, of whom and which parts, and neither the
  need nor the place.
* A reading whose consent or referral is not found is left out.
"""

from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from contracts.categories import Category
from contracts.codes import ReleasedPart
from services.referral.model.consent import Consent, ConsentBook, Disclosure
from services.referral.model.follow_up import local_date
from services.referral.model.referral import Referral


@dataclass(frozen=True, slots=True)
class Line:
    """Readings of one day that are alike.

    Attributes:
        agency, service, category: None where it is told without the need and the place.
        recorded_on: the day on which it was written down, where that is another one.
        times: how often it was read that day.
        consent: under which it was read; None where staff told it without one.
        revoked_on: when the consent was taken back, local to the school.
    """

    day: date
    student: str
    agency: str | None
    service: str | None
    category: Category | None
    parts: tuple[ReleasedPart, ...]
    consent: Consent | None
    recorded_on: date | None
    times: int
    revoked_on: date | None


def confidential(made: Disclosure, book: ConsentBook | None, referral: Referral | None) -> bool:
    """Tell whether no guardian is told of a reading: it is what the student confided.

    What was told without a consent is the student's own affair where the need is.
    """
    if made.consent is None:
        if referral is None:
            return True
        return book is not None and book.confidential(referral.category)
    consent = book.find(made.consent) if book else None
    return book is None or consent is None or book.own(consent)


def lines_for(
    disclosures: Iterable[Disclosure],
    books: Mapping[str, ConsentBook],
    referrals: Mapping[str, Referral],
    reader: str | None,
    restricted: Container[Category],
    *,
    named: Collection[str],
) -> list[Line]:
    """Return the lines of a guardian's report, newest first.

    Args:
        disclosures: of the family.
        books: consents by student.
        referrals: by id.
        reader: id of the contact it is for; None: any guardian may see it.
        restricted: needs whose name alone can harm.
        named: children whose restricted needs the member of staff who makes it may see.
    """
    counts: dict[tuple[object, ...], Line] = {}
    for each in disclosures:
        book, referral = books.get(each.student), referrals.get(each.referral)
        consent = book.find(each.consent) if book and each.consent else None
        if referral is None or (each.consent is not None and consent is None):
            continue
        if confidential(each, book, referral):
            continue
        whole = True
        if referral.category in restricted:
            whole = _consented(book, consent, referral.category, reader)
            if each.student not in named or not (whole or consent is None):
                continue
        agency, service = (each.agency, each.service) if whole else (None, None)
        day = local_date(each.made_at, referral.zone)
        written = local_date(each.recorded_at, referral.zone)
        key = (day, written, each.student, agency, service, each.consent, each.parts)
        known = counts.get(key)
        counts[key] = Line(
            day=day,
            student=each.student,
            agency=agency,
            service=service,
            category=referral.category if whole else None,
            parts=each.parts,
            consent=consent,
            recorded_on=written if written != day else None,
            times=known.times + 1 if known else 1,
            revoked_on=local_date(consent.revocation.at, referral.zone)
            if consent and consent.revocation
            else None,
        )
    return sorted(counts.values(), key=lambda line: line.day, reverse=True)


def _consented(
    book: ConsentBook | None, consent: Consent | None, category: Category, reader: str | None
) -> bool:
    """Tell whether a reader consented to it; what no consent covered, to that need at any time."""
    if consent is not None:
        return consent.given_by == reader
    return book is not None and any(
        each.given_by == reader
        and category in each.categories
        and not each.mistaken
        and not each.scan_missing
        for each in book.consents
    )
