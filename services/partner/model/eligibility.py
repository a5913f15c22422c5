"""Who may be served under an agreement: what the school and the agency have agreed on. Pure."""

from pydantic import BaseModel, ConfigDict


class Eligibility(BaseModel):
    """Whom an agreement is for. What is empty or None excludes nobody.

    Attributes:
        minimum_age: in whole years.
        maximum_age: the same.
        first_grade: the lowest, as the district writes grades (`KG`, `03`).
        last_grade: the highest.
        insurance: codes of insurances; `none` for families without any.
        zips: where families must live.
    """

    model_config = ConfigDict(frozen=True)

    minimum_age: int | None = None
    maximum_age: int | None = None
    first_grade: str | None = None
    last_grade: str | None = None
    insurance: tuple[str, ...] = ()
    zips: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it excludes nobody."""
        return self == _OPEN


_OPEN = Eligibility()
