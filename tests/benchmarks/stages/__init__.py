"""One module a stage. A stage is a function from `Bench` to `StageResult`, listed in `registry`."""
