"""Everything that the services agree on: topics, events, codes and the envelope they travel in.

Services meet only here and over HTTP. One module a topic, one class a message; the JSON Schemas and
the AsyncAPI document beside them are generated from these classes.
"""
