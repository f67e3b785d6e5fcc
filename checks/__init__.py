"""What must hold: the contracts of the extract tables, and all that is derived from them.

Imports neither `assets` nor `pipelines`.
"""
