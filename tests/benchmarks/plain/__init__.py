"""The plain script: pandas, calamine and DuckDB, and nothing of this project.

What a competent analyst would write for files of known layout in which nothing is wrong. No
orchestration, no contracts, no checks, no evidence, no second run. It is what the line is measured
against, so it is kept as fast as plain code is.
"""
