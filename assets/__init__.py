"""What is made: one module a layer (landing, raw, accepted, transformed, published, reference).

May import `checks`; never `pipelines`.
"""
