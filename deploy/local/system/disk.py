"""What a refusal of the operating system to read or write means to a person, and what to do."""

import errno
from pathlib import Path

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}
_NO_FOLDER = {errno.EEXIST, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP}


def told(error: OSError, home: Path | None = None) -> str:
    """Return what happened and what to do next.

    Args:
        error: what was raised.
        home: the local system's folder, where a command works with it.
    """
    what = str(error.strerror or type(error).__name__)
    where = str(error.filename or home or "the folder of the local system")
    if error.errno in _FULL:
        return (
            f"There is no room left on the disk of {where} ({what}). What was stored before stays. "
            "Make room (df -h tells where), then repeat the command; or keep the system on another "
            "disk: --home DIR"
        )
    if error.errno in _REFUSED:
        return (
            f"{where} may not be read or written ({what}). Make it yours, or name a folder that "
            "is: --home DIR"
        )
    if error.errno in _NO_FOLDER:
        return (
            f"{_in_the_way(Path(where))} cannot be used as a folder ({what}). Name another "
            "one, or one that does not exist yet: --home DIR"
        )
    return f"{where}: {what}. Mend that, then repeat the command."


def _in_the_way(path: Path) -> Path:
    """Return the part of a path that is there and is no folder."""
    return next((each for each in (path, *path.parents) if each.is_file()), path)
