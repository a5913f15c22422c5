"""The sample district: invented schools, families and agencies, and three months of their past.

Everything is generated from a fixed seed by the code here and made through the services' own
APIs, the texts and the mail. Nobody in it exists; telephones end in 555-01xx, which nobody has.
"""
