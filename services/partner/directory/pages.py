"""Notices that an export in pages is not complete."""

from collections.abc import Mapping

from services.chassis.tabular import ReadingLog, Severity

_MAX_DIGITS = 12


class MissingPages:
    """Compares the pages that are there with the number of pages that they announce."""

    def __init__(self, log: ReadingLog) -> None:
        self._log = log
        self._seen: dict[tuple[str, int], dict[int, str]] = {}

    def seen(self, file: str, envelope: Mapping[str, object]) -> None:
        """Takes note of one page of a list (`page_number` of `total_pages`)."""
        number, total = (str(envelope.get(key, "")) for key in ("page_number", "total_pages"))
        if number.isdecimal() and total.isdecimal() and len(number + total) < _MAX_DIGITS:
            series = file.removesuffix(".json").rstrip("0123456789-_ .")
            self._seen.setdefault((series, int(total)), {})[int(number)] = file

    def report(self) -> bool:
        """Lists every list of which pages are missing; returns whether there are any."""
        missing = False
        for (_, total), found in self._seen.items():
            # Both counts occur: pages from 0 and from 1.
            if len(found) < total:
                missing = True
                self._log.problem(
                    Severity.ROW_REFUSED,
                    file=found[min(found)],
                    field="total_pages",
                    value=str(total),
                    what=f"Only {len(found)} of {total} pages of this list are in the package.",
                    what_to_do="Put all pages into the package, one file each, and send it again.",
                )
        return missing
