"""The worker: finds whom to tell, sends, and settles what became of it."""
