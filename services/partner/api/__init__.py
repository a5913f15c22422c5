"""Partner's HTTP API: what staff keep, and what agencies answer by their links."""
