"""What notify knows and decides: no web framework, database, broker or clock."""
