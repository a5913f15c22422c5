"""The chart, and what of it is written by the code that it deploys."""
