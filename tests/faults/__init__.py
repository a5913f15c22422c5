"""Real servers killed and stalled while work goes on, and an audit of what that did."""
