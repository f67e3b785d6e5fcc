"""How it runs: settings, partitions, jobs, schedules, definitions, the command, the samples.

May import `assets` and `checks`; nothing imports it.
"""
