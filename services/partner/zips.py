"""The middles of ZIP codes, as a district may give them."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter

from services.partner.model.matching.near import Point

_Zip = Annotated[str, Field(pattern=r"^[0-9]{5}$")]
_Latitude = Annotated[float, Field(ge=-90, le=90)]
_Longitude = Annotated[float, Field(ge=-180, le=180)]
_ZIPS = TypeAdapter(dict[_Zip, tuple[_Latitude, _Longitude]])


def read_zips(path: Path | None) -> dict[str, Point]:
    """Read `{"94601": [37.776, -122.217]}`; no file, no ZIP codes.

    Raises:
        ValueError: the file is no such table; the text names the place.
    """
    if path is None:
        return {}
    found = _ZIPS.validate_json(path.read_bytes())
    return {code: Point(*degrees) for code, degrees in found.items()}
