"""Finds out how the bytes of a text file were written, and reads it line by line."""

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from services.chassis.tabular.package import Package
from services.chassis.tabular.problems import ReadingLog, Severity

MAX_LINE_CHARS = 1024 * 1024
_CHUNK = 64 * 1024
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def find_encoding(stream: IO[bytes]) -> str:
    """Names the encoding of a text: by its mark, else UTF-8 if it is valid, else Windows-1252.

    Reads the stream to its end in constant memory; the caller opens it again to read.
    """
    start = stream.read(_CHUNK)
    for mark, encoding in _BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return encoding
    # A spreadsheet's "Unicode text" without a mark: every second byte of the heading is NUL.
    if start[1:2] == b"\0" and start[3:4] == b"\0":
        return "utf-16-le"
    check = codecs.getincrementaldecoder("utf-8")()
    try:
        chunk = start
        while chunk:
            check.decode(chunk)
            chunk = stream.read(_CHUNK)
        check.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


@contextmanager
def open_text(package: Package, name: str, log: ReadingLog) -> Iterator[io.TextIOWrapper]:
    """Opens a file of a package as text, in whichever encoding it was saved.

    A file that is not Unicode is read as Windows-1252, and that is listed: the guess is nearly
    always right, but only its owner can see whether the accents are.
    """
    with package.open(name) as stream:
        encoding = find_encoding(stream)
    if encoding == "cp1252":
        log.problem(
            Severity.VALUE_IGNORED,
            file=name,
            what="The file is not saved as UTF-8. It was read as Windows-1252.",
            what_to_do="Check the accented letters, or save it as “CSV UTF-8” and send it again.",
        )
    with (
        package.open(name) as stream,
        io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="") as text,
    ):
        yield text


class Lines:
    """Iterates over physical lines, counts them, and steps over lines too long to be text.

    `start` is the number of the first line handed out since it was last set to 0, so that a row
    which spans several lines is known by the line where it starts.
    """

    def __init__(self, text: IO[str], file: str, log: ReadingLog) -> None:
        self._text = text
        self._file = file
        self._log = log
        self.number = 0
        self.start = 0

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        while True:
            line = self._text.readline(MAX_LINE_CHARS)
            if not line:
                raise StopIteration
            self.number += 1
            if len(line) < MAX_LINE_CHARS or line.endswith(("\n", "\r")):
                self.start = self.start or self.number
                return line
            while line and not line.endswith(("\n", "\r")):
                line = self._text.readline(MAX_LINE_CHARS)
            self._log.problem(
                Severity.ROW_REFUSED,
                file=self._file,
                line=self.number,
                what="The line is longer than a million characters.",
                what_to_do="Look at this line in a text editor; its quotes or line ends are lost.",
            )
