"""Somebody's word that an entry of the directory holds."""

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from contracts.code import Code


class ConfirmedBy(Code):
    """Who said that an entry holds."""

    AGENCY = "agency"
    SCHOOL = "school"
    DIRECTORY = "directory"


class Confirmed(BaseModel):
    """Somebody's word that an entry holds."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    by: ConfirmedBy


def is_old(confirmed: Confirmed | None, now: datetime, after: timedelta) -> bool:
    """Tell whether an entry's last word is so old that somebody should ask first."""
    return confirmed is None or now - confirmed.at > after
