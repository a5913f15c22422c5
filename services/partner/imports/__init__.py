"""Takes service directories in: agencies, services and people, by the ids of their source."""
