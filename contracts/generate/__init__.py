"""What is made from the message classes: JSON Schemas, AsyncAPI, pages, and the release's baseline.

`python -m contracts.generate` writes all of it; `--check` tells what is not current and what would
break a reader. A test keeps the committed files equal to the classes.
"""
