"""The whole system on this machine: its places, its processes, its start and its end."""
