"""The words of messages: one file a message, Spanish and English side by side, and their checks."""
