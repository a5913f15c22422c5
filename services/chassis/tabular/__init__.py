"""Reads the tables that people export from other systems, and says what it could not use."""

from services.chassis.tabular.cells import Cells
from services.chassis.tabular.package import (
    MAX_TOTAL_BYTES,
    Package,
    PackageRefusedError,
    PackageTooLargeError,
    SeveralPackagesError,
    open_package,
)
from services.chassis.tabular.problems import (
    WHOLE_FILE,
    Problem,
    ReadingLog,
    Record,
    Severity,
    Tally,
    ToldProblem,
    mask,
    shorten,
)
from services.chassis.tabular.rows import Columns, Row, read_rows
from services.chassis.tabular.text import open_text
from services.chassis.tabular.values import UnreadableValueError, parse_id, split_list

__all__ = [
    "MAX_TOTAL_BYTES",
    "WHOLE_FILE",
    "Cells",
    "Columns",
    "Package",
    "PackageRefusedError",
    "PackageTooLargeError",
    "Problem",
    "ReadingLog",
    "Record",
    "Row",
    "SeveralPackagesError",
    "Severity",
    "Tally",
    "ToldProblem",
    "UnreadableValueError",
    "mask",
    "open_package",
    "open_text",
    "parse_id",
    "read_rows",
    "shorten",
    "split_list",
]
