"""Real servers on this machine, started as processes with Python alone as the prerequisite."""
