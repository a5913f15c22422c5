"""What agencies' own systems hear: webhooks, a pull feed, and the keys to both."""
