"""Builds what hangs on other records: contacts, phones and languages."""

from services.chassis.tabular import Cells
from services.partner.directory.collect import Collected, Entry
from services.partner.directory.languages import is_language_code, language_code
from services.partner.directory.layout import Kind
from services.partner.directory.model import Contact, Language, Link, LinkKind, Phone

Known = dict[LinkKind, frozenset[str]]
"""The ids of the records that were kept, by kind."""


def links(rows: Collected, entry: Entry, known: Known) -> tuple[Link, ...]:
    """What a row belongs to; refuses it, and returns nothing, if that is not in the package."""
    kept = []
    for (kind, id_), (row, column) in sorted(entry.links.items(), key=lambda item: item[0]):
        if id_ in known.get(kind, frozenset()):
            kept.append(Link(kind=kind, source_id=id_))
        else:
            rows.lost.add(entry.kind)
            Cells(row, rows.log).ignore(
                column,
                f"No {kind.replace('_', ' ')} that could be read has this id.",
                "Correct the id, or leave it empty.",
            )
    if not kept:
        Cells(entry.row, rows.log).refuse(
            "id",
            "The row belongs to nothing in this package.",
            "Fill in the id of the organization, service or location that it belongs to.",
        )
    return tuple(kept)


def contacts(rows: Collected, known: Known) -> dict[str, Contact]:
    """Builds every contact that belongs to something and says whom or what to ask for."""
    built = {}
    for id_, entry in rows[Kind.CONTACT].items():
        cells = Cells(entry.row, rows.log)
        belongs = links(rows, entry, known)
        if not belongs:
            continue
        email = cells.email("email")
        if email is None and cells.text("email") is not None:
            rows.lost.add(Kind.CONTACT)
        if not email and not any(cells.text(each) for each in ("name", "title", "department")):
            cells.refuse("name", "The contact is empty.", "Say whom to ask for.")
            continue
        built[id_] = Contact(
            source_id=id_,
            name=cells.text("name"),
            title=cells.text("title"),
            department=cells.text("department"),
            email=email,
            links=belongs,
        )
    return built


def phones(rows: Collected, known: Known) -> dict[str, Phone]:
    """Builds every phone with a number; one that cannot exist is kept as written, without E.164."""
    built = {}
    for id_, entry in rows[Kind.PHONE].items():
        cells = Cells(entry.row, rows.log)
        belongs = links(rows, entry, known)
        if not belongs:
            continue
        number = (cells.text("number") or "").strip("\"' ")
        if not number:
            cells.refuse("number", "There is no number.", "Fill in the number.")
            continue
        e164, extension = cells.phone("number") or (None, None)
        if e164 is None:
            rows.lost.add(Kind.PHONE)
        built[id_] = Phone(
            source_id=id_,
            number=number,
            e164=e164,
            extension=cells.text("extension") or extension,
            type=cells.text("type"),
            description=cells.text("description"),
            links=belongs,
        )
    return built


def languages(rows: Collected, known: Known) -> dict[str, Language]:
    """Builds every language that has a name or a code; a known name gets its code."""
    built = {}
    for id_, entry in rows[Kind.LANGUAGE].items():
        cells = Cells(entry.row, rows.log)
        belongs = links(rows, entry, known)
        if not belongs:
            continue
        name, code = cells.text("name"), cells.text("code")
        if code is not None and not is_language_code(code):
            cells.ignore(
                "code", "This is no language code.", "Write an ISO 639 code, such as es or vi."
            )
            code = None
        if name is None and code is None:
            cells.refuse("name", "The row names no language.", "Fill in the name or the code.")
            continue
        built[id_] = Language(
            source_id=id_,
            name=name,
            code=code or (language_code(name) if name else None),
            note=cells.text("note"),
            links=belongs,
        )
    return built
