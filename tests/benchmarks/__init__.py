"""What the line costs, beside a plain script that does the same work: `python -m tests.benchmarks`.

One module a stage under `stages/`, listed in `registry`. Ratios and seconds for people to read;
nothing here is asserted by a clock.
"""
