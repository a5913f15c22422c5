"""Reads the rosters that school systems export."""

from services.referral.roster.read import ALL_COLUMNS, Roster, open_roster
from services.referral.roster.schools import Scope

__all__ = ["ALL_COLUMNS", "Roster", "Scope", "open_roster"]
