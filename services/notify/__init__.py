"""The notify service: tells people, in their language and hours, and hears what they answer."""
