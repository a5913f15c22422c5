"""One referral's way round the loop, through the public APIs, the texts and the mail alone.

Nothing here reaches into a database or a topic but to watch: what a person could not do, it does
not do either. The one exception is the local system's clock.
"""
