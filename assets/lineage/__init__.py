"""From a published number back to its files, and from a column to the columns it is made of.

Belongs here: following what was made, by model, unit, year, file and column. Does not belong here:
making any of it, nor how it is shown (`pipelines.cli`).
"""
