"""Reads a service directory, in whichever of the known layouts it comes."""

from pathlib import Path
from typing import IO

from services.chassis.needs import SHIPPED_NEEDS, Needs
from services.chassis.tabular import (
    Package,
    PackageRefusedError,
    ReadingLog,
    SeveralPackagesError,
    Severity,
    open_package,
    open_text,
)
from services.partner.directory import hsds_csv, hsds_json, ohana
from services.partner.directory.build import build
from services.partner.directory.layout import FILES
from services.partner.directory.model import DirectoryPackage, Format

MAX_BYTES = 192 * 1024 * 1024
"""Of a whole package, unpacked: ten times a county's, and what a service's memory can hold."""
_MOST_FOLDERS = 20  # that are looked into
_ONLY_IN_OHANA = frozenset(
    {"taxonomy.csv", "regular_schedules.csv", "holiday_schedules.csv", "mail_addresses.csv"}
)
_ONLY_IN_HSDS = frozenset(
    {"taxonomy_terms.csv", "schedules.csv", "service_at_location.csv", "service_at_locations.csv"}
)
_NEEDED = {
    Format.HSDS_CSV: ("organizations.csv", "services.csv"),
    Format.OHANA_CSV: ("organizations.csv", "locations.csv", "services.csv"),
    Format.HSDS_JSON: (),
}


def read_directory(source: Path | IO[bytes], needs: Needs = SHIPPED_NEEDS) -> DirectoryPackage:
    """Reads a directory from a folder, a zip archive or a single file; or an open zip archive.

    Understands Open Referral HSDS 3.0 as JSON or CSV, and the older CSV layout of the Ohana API.
    Everything that could not be used is in `problems`, everything that Enlace has no use for is
    counted in `ignored`. Of a package of several folders, of which one alone holds a directory,
    that one is read. Terms stand for the district's kinds of need.

    Raises:
        PackageRefusedError: The package is missing, unsafe, damaged, too large or of no known
            layout, or several of its folders hold a directory each. Nothing of it was taken.
    """
    try:
        return _read(source, needs)
    except SeveralPackagesError as several:
        found = {
            folder: _read_alone(source, needs, folder) for folder in several.folders[:_MOST_FOLDERS]
        }
        whole = {folder: read for folder, read in found.items() if read is not None}
        if len(whole) == 1:
            return next(iter(whole.values()))
        if not whole:
            raise
        named = ", ".join(folder or "(its top)" for folder in whole)
        raise PackageRefusedError(
            f"The package holds {len(whole)} directories, in folders of their own: {named}.",
            "Import one of these folders alone; name one `source` for each that you import.",
            es=f"El paquete tiene {len(whole)} directorios, cada uno en su carpeta: {named}. "
            "Importe una sola de estas carpetas; dé a cada una su `source`.",
        ) from None


def _read_alone(source: Path | IO[bytes], needs: Needs, folder: str) -> DirectoryPackage | None:
    """Reads one folder of a package; None where it holds no organization."""
    try:
        found = _read(source, needs, folder)
    except PackageRefusedError:
        return None
    return found if found.organizations else None


def _read(source: Path | IO[bytes], needs: Needs, only: str | None = None) -> DirectoryPackage:
    log = ReadingLog()
    with open_package(source, max_total_bytes=MAX_BYTES, only=only) as package:
        layout = _layout(package)
        for file in _NEEDED[layout]:
            if file not in package.members:
                log.problem(
                    Severity.ROW_REFUSED,
                    file=file,
                    what="The file is missing from the package.",
                    what_to_do="Export it too; what refers to it was refused.",
                )
        match layout:
            case Format.HSDS_JSON:
                rows = hsds_json.collect(package, log)
            case Format.HSDS_CSV:
                rows = hsds_csv.collect(package, log)
            case Format.OHANA_CSV:
                rows = ohana.collect(package, log)
        return build(layout, rows, needs)


def _layout(package: Package) -> Format:
    names = frozenset(package.members)
    if names & _ONLY_IN_HSDS:
        return Format.HSDS_CSV
    if names & _ONLY_IN_OHANA:
        return Format.OHANA_CSV
    if "services.csv" in names:
        with open_text(package, "services.csv", ReadingLog()) as text:
            heading = text.readline(100_000).casefold()
        ohana_heading = "location_id" in heading and "organization_id" not in heading
        return Format.OHANA_CSV if ohana_heading else Format.HSDS_CSV
    if names & FILES.keys():
        return Format.HSDS_CSV
    if any(name.endswith(".json") for name in names):
        return Format.HSDS_JSON
    raise PackageRefusedError(
        "The package holds no file of a known directory layout.",
        "Send Open Referral HSDS 3.0 as JSON or CSV (organizations.csv, services.csv, …).",
        es="El paquete no tiene ningún archivo de un directorio conocido. "
        "Envíe Open Referral HSDS 3.0 en JSON o CSV (organizations.csv, "
        "services.csv, …).",
    )
