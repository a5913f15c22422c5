"""The district's schools as people are told of them: name, coordinator, telephone."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from services.chassis.errors import unknown


class Site(BaseModel):
    """A school. `coordinator` signs its messages; `phone` is E.164 and rings at the school.

    Attributes:
        sis_org: its id in the school system's rosters, for rosters of a whole district.
        grades: its first and last grade, such as `KG` and `05`.
        feeds: the school where its children go after the last grade, by id; None: not one alone.
        latitude: where it stands, WGS 84 degrees; distances to services begin there.
        longitude: the same.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    coordinator: str
    phone: str
    sis_org: str | None = None
    grades: tuple[str, str] | None = None
    feeds: str | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None


_SITES = TypeAdapter(dict[str, Site])


class Sites:
    """Schools by id."""

    def __init__(self, sites: dict[str, Site]) -> None:
        self._sites = sites

    @classmethod
    def read(cls, path: Path | None) -> "Sites":
        """Read `{"site-01": {"name": …, "coordinator": …, "phone": …}}`; no file, no schools.

        Raises:
            ValueError: the file is no such table; the text names the place.
        """
        return cls({} if path is None else _SITES.validate_json(path.read_bytes()))

    def get(self, id: str) -> Site:
        """Return a school; one that is not listed is shown by its id."""
        return self._sites.get(id) or Site(name=id, coordinator="", phone="")

    def need(self, id: str) -> None:
        """Pass only a school of the district; any, where nobody has listed them.

        Raises:
            EnlaceError: it is none of them.
        """
        if self._sites and id not in self._sites:
            raise unknown("school")

    @property
    def all(self) -> dict[str, Site]:
        """Every school by id."""
        return dict(self._sites)
