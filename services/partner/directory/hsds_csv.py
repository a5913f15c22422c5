"""Reads the CSV files of an Open Referral HSDS 3.0 package."""

from services.chassis.tabular import WHOLE_FILE, Columns, Package, ReadingLog, read_rows
from services.partner.directory.collect import Collected
from services.partner.directory.layout import COLUMNS, FILES, LINK_COLUMNS, LINKED, Kind, meant_by


def collect(package: Package, log: ReadingLog) -> Collected:
    """Collects the rows of every file that is read, and counts the files that are not."""
    rows = Collected(log)
    for file in sorted(package.members):
        kind = FILES.get(file)
        if kind is None:
            log.ignore(file, WHOLE_FILE)
            rows.lost |= meant_by(file)
            continue
        before = rows.refusals
        rows.add_all(kind, read_rows(package, file, _columns(kind), log))
        if rows.refusals > before:
            rows.lost.add(kind)
    return rows


def _columns(kind: Kind) -> Columns:
    linking = frozenset(LINK_COLUMNS) if kind in LINKED else frozenset()
    return Columns(read=COLUMNS[kind] | linking, required=frozenset({"id"}))
