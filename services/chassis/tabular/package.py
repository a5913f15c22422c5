"""Opens what a person hands over — a folder, a zip archive or a single file — without trusting it.

Nothing is ever unpacked to disk: members of an archive are read as streams, under a limit of total
size, so that neither a path that climbs out of its folder nor a bomb can do harm.
"""

import lzma
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from services.chassis.errors import EnlaceError, Kind

MAX_TOTAL_BYTES = 512 * 1024 * 1024
MAX_FILES = 2_000
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError)
_ENCRYPTED = 0x1
_NAMED = 20  # folders that an error names


class PackageRefusedError(EnlaceError):
    """The package as a whole cannot be read; nothing of it was taken.

    `what` says what is wrong with it and `what_to_do` what its sender can do.
    """

    def __init__(self, what: str, what_to_do: str, *, es: str) -> None:
        super().__init__("package-refused", Kind.MALFORMED, f"{what} {what_to_do}", es=es)
        self.what = what
        self.what_to_do = what_to_do


class PackageTooLargeError(PackageRefusedError):
    """The package is larger than is read at once; `most`: bytes, unpacked."""

    def __init__(
        self,
        most: int,
        what_to_do: str = "Split it into smaller packages.",
        *,
        es: str = "Divídalo en paquetes más pequeños.",
    ) -> None:
        megabytes = most // 1024**2
        super().__init__(
            f"The package holds more than {megabytes} MB when unpacked.",
            what_to_do,
            es=f"El paquete ocupa más de {megabytes} MB descomprimido. {es}",
        )
        self.most = most


class SeveralPackagesError(PackageRefusedError):
    """Two folders hold files of one name: each is a package of its own.

    `folders` are those that hold files, by their place in the package; empty for its top.
    """

    def __init__(self, name: str, folders: Sequence[str]) -> None:
        named = ", ".join(each or "(its top)" for each in folders[:_NAMED])
        super().__init__(
            f"The package holds two files called {name}, in different folders. There are: {named}.",
            "Send one of these folders alone, or keep the one file that is meant.",
            es=f"El paquete tiene dos archivos llamados {name}, en carpetas distintas. Hay: "
            f"{named}. Envíe solo una de estas carpetas, o deje el archivo que corresponde.",
        )
        self.folders = folders


@dataclass(frozen=True)
class Package:
    """The files of a package by their name in lower case, whatever folder they lie in."""

    members: Mapping[str, "Member"]

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Opens one file for reading bytes.

        Raises:
            PackageRefusedError: The archive turns out to be damaged while it is read.
        """
        with ExitStack() as stack:
            try:
                stream = stack.enter_context(self.members[name].open())
            except NotImplementedError as unknown:
                raise PackageRefusedError(
                    f"{name} is compressed in a way that cannot be read here.",
                    "Make the zip file again with the usual (deflate) compression.",
                    es=f"{name} está comprimido de un modo que aquí no se puede leer. "
                    "Haga el archivo zip de nuevo con la compresión habitual "
                    "(deflate).",
                ) from unknown
            try:
                yield stream
            except _DAMAGED as damaged:
                raise PackageRefusedError(
                    f"{name} is damaged or cannot be read.",
                    "Make the package again and resend it.",
                    es=f"{name} está dañado o no se puede leer. Haga el paquete de nuevo "
                    "y envíelo otra vez.",
                ) from damaged


@dataclass(frozen=True)
class Member:
    """One file of a package; `opens` opens it for reading, wherever it lies."""

    opens: Callable[[], IO[bytes]]
    size: int

    def open(self) -> IO[bytes]:
        """Opens the file for reading bytes."""
        return self.opens()


@contextmanager
def open_package(
    source: Path | IO[bytes],
    *,
    max_total_bytes: int = MAX_TOTAL_BYTES,
    only: str | None = None,
) -> Iterator[Package]:
    """Opens a folder, a zip archive (recognised by its content) or a single file.

    Args:
        source: Where the package lies; or an open file that holds a zip archive, and need not have
            a name. It is read from, and left open.
        max_total_bytes: The most that all its files together may hold, uncompressed.
        only: One of its folders, as `SeveralPackagesError` names it; nothing else is taken.

    Raises:
        PackageRefusedError: There is nothing there, or it is unsafe or damaged.
    """
    with ExitStack() as stack:
        found = (
            _at(source, stack)
            if isinstance(source, Path)
            else _archive(_zip(source, stack, _NO_ZIP))
        )
        yield Package(_members(found, max_total_bytes, only))


_NO_ZIP = ("What was sent is no zip archive.", "Lo que se envió no es un archivo zip.")
_ONLY_CALLED_ZIP = (
    "The file is called .zip but is no zip archive.",
    "El archivo se llama .zip pero no lo es.",
)


def _at(path: Path, stack: ExitStack) -> list[tuple[str, Member]]:
    if path.is_dir():
        return _folder(path)
    if not path.is_file():
        raise PackageRefusedError(
            f"There is no file or folder called {path.name}.",
            "Check the name and try again.",
            es=f"No hay ningún archivo ni carpeta llamado {path.name}. Revise el "
            "nombre e intente de nuevo.",
        )
    if zipfile.is_zipfile(path) or path.suffix.lower() == ".zip":
        return _archive(_zip(path, stack, _ONLY_CALLED_ZIP))
    return [(path.name, _file(path))]


def _zip(source: Path | IO[bytes], stack: ExitStack, none: tuple[str, str]) -> zipfile.ZipFile:
    """Opens an archive; `none` says in English and Spanish that it is none."""
    if not zipfile.is_zipfile(source):
        what, es = none
        raise PackageRefusedError(
            what,
            "Make the zip file again and resend it.",
            es=f"{es} Hágalo de nuevo y envíelo otra vez.",
        )
    try:
        return stack.enter_context(zipfile.ZipFile(source))
    except _DAMAGED as damaged:
        raise PackageRefusedError(
            "The zip file is damaged.",
            "Make the zip file again and resend it.",
            es="El archivo zip está dañado. Hágalo de nuevo y envíelo otra vez.",
        ) from damaged


def _file(path: Path) -> Member:
    return Member(lambda: path.open("rb"), path.stat().st_size)


def _folder(root: Path) -> list[tuple[str, Member]]:
    inside = root.resolve()
    found = []
    for path in sorted(root.rglob("*")):
        # A link that leads out of the folder would read somebody else's file.
        if path.is_file() and path.resolve().is_relative_to(inside):
            name = path.relative_to(root).as_posix()
            found.append((name, _file(path)))
        if len(found) > MAX_FILES:
            break
    return found


def _archive(archive: zipfile.ZipFile) -> list[tuple[str, Member]]:
    found = []
    for entry in archive.infolist():
        parts = PurePosixPath(entry.filename.replace("\\", "/"))
        if not parts.name or entry.is_dir():  # without a name ("", ".", "/") nothing asks for it
            continue
        climbs = parts.is_absolute() or ".." in parts.parts or ":" in parts.parts[0]
        if climbs or stat.S_ISLNK(entry.external_attr >> 16):
            raise PackageRefusedError(
                "The archive holds a file whose place is outside its own folder.",
                "Make the zip file from the plain folder again; do not use this one.",
                es="El archivo contiene algo cuyo lugar está fuera de su propia "
                "carpeta. Haga el zip de nuevo a partir de la carpeta; no use "
                "este.",
            )
        if entry.flag_bits & _ENCRYPTED:
            raise PackageRefusedError(
                "The archive is protected by a password.",
                "Make a zip file without a password.",
                es="El archivo está protegido con contraseña. Haga un zip sin contraseña.",
            )
        # zipfile never reads more of an entry than this size, whatever the stream holds.
        opens = partial(archive.open, entry.filename)
        found.append((parts.as_posix(), Member(opens, entry.file_size)))
    return found


def _members(
    found: list[tuple[str, Member]], max_total_bytes: int, only: str | None
) -> dict[str, Member]:
    if len(found) > MAX_FILES:
        raise PackageRefusedError(
            f"The package holds more than {MAX_FILES} files.",
            "Send only the files to be read.",
            es=f"El paquete tiene más de {MAX_FILES} archivos. Envíe solo los que se deben leer.",
        )
    if sum(member.size for _, member in found) > max_total_bytes:
        raise PackageTooLargeError(max_total_bytes)
    members: dict[str, Member] = {}
    places: dict[str, str] = {}
    taken = [(PurePosixPath(inside), member) for inside, member in found]
    kept = [(path, member) for path, member in taken if not any(map(_left_behind, path.parts))]
    for path, member in kept:
        folder, name = _folder_of(path), path.name.lower()
        if only is not None and folder != only:
            continue
        if name in members and places[name] != folder:
            raise SeveralPackagesError(name, sorted({_folder_of(each) for each, _ in kept}))
        if name in members:
            raise PackageRefusedError(
                f"The package holds two files called {name}.",
                "Keep the one that is meant and send the package again.",
                es=f"El paquete tiene dos archivos llamados {name}. Deje el que "
                "corresponde y envíelo otra vez.",
            )
        members[name], places[name] = member, folder
    return members


def _folder_of(path: PurePosixPath) -> str:
    return "" if len(path.parts) == 1 else path.parent.as_posix()


def _left_behind(part: str) -> bool:
    """Whether a part of a path is what file managers leave behind."""
    return part.startswith(".") or part == "__MACOSX"
