"""Finding a child by name among those of a school: an index in memory, written nowhere."""
