"""Builds what a family pays."""

from services.chassis.tabular import Cells
from services.partner.directory.collect import Collected
from services.partner.directory.layout import Kind
from services.partner.directory.model import CostOption, Service
from services.partner.directory.offers import unknown
from services.partner.directory.times import validity

_DEAREST = 1_000_000


def cost_options(rows: Collected, offered: dict[str, Service]) -> dict[str, CostOption]:
    """Builds every option that says something, of a service that is there."""
    built = {}
    for id_, entry in rows[Kind.COST_OPTION].items():
        cells = Cells(entry.row, rows.log)
        service = cells.text("service_id")
        if service is None or service not in offered:
            unknown(cells, "service_id", "service")
            continue
        first, last = validity(cells)
        amount = cells.number("amount", 0, _DEAREST)
        words = cells.text("option"), cells.text("amount_description")
        if amount is None and not any(words):
            cells.refuse("option", "The option is empty.", "Say what is to be paid.")
            continue
        built[id_] = CostOption(
            source_id=id_,
            service_source_id=service,
            option=words[0],
            currency=cells.text("currency"),
            amount=amount,
            amount_description=words[1],
            valid_from=first,
            valid_to=last,
        )
    return built
