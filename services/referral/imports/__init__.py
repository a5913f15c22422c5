"""Takes rosters in: what is new, what has changed, who is gone, in one transaction."""
