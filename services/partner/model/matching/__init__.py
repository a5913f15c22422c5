"""Which services could help, and why: filters that exclude, scores that rank. Pure."""
