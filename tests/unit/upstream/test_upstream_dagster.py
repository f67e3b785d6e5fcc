"""Dagster: a range of partitions in one run, and checks that block within it."""

# Annotations stay objects here: Dagster looks at the one of `context` as it stands.
from typing import Any

import dagster as dg
import pytest

YEARS = dg.StaticPartitionsDefinition(["2022", "2023", "2024"])
RANGE = {"dagster/asset_partition_range_start": "2022", "dagster/asset_partition_range_end": "2023"}


def chain(
    seen: list[Any], *, passed: bool, severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR
) -> Any:
    spec = dg.AssetSpec("first", partitions_def=YEARS)
    check = dg.AssetCheckSpec("shape", asset="first", blocking=True)

    @dg.multi_asset(specs=[spec], check_specs=[check], backfill_policy=dg.BackfillPolicy.single_run())
    def first(context: dg.AssetExecutionContext) -> Any:
        seen.append(("first", list(context.partition_keys)))
        for key in context.partition_keys:
            context.add_asset_metadata({"rows": int(key)}, asset_key="first", partition_key=key)
        yield dg.MaterializeResult(asset_key="first")
        yield dg.AssetCheckResult(asset_key="first", check_name="shape", passed=passed, severity=severity)

    @dg.asset(partitions_def=YEARS, deps=["first"], backfill_policy=dg.BackfillPolicy.single_run())
    def second(context: dg.AssetExecutionContext) -> None:
        seen.append(("second", list(context.partition_keys)))

    defs = dg.Definitions(
        assets=[first, second],
        jobs=[dg.define_asset_job("all", dg.AssetSelection.all())],
        executor=dg.in_process_executor,
    )
    return defs.resolve_job_def("all")


def run(job: Any) -> tuple[Any, dg.DagsterInstance]:
    instance = dg.DagsterInstance.ephemeral()
    return job.execute_in_process(instance=instance, tags=RANGE, raise_on_error=False), instance


def test_one_run_over_a_range_is_handed_its_keys_and_materialises_each_partition() -> None:
    seen: list[Any] = []
    result, _ = run(chain(seen, passed=True))
    assert result.success
    assert seen == [("first", ["2022", "2023"]), ("second", ["2022", "2023"])]
    for name in ("first", "second"):
        events = [e for e in result.get_asset_materialization_events() if e.asset_key == dg.AssetKey(name)]
        assert sorted(e.partition for e in events) == ["2022", "2023"]  # in no order


def test_metadata_of_a_partition_stands_at_its_own_materialisation() -> None:
    result, _ = run(chain([], passed=True))
    events = [e for e in result.get_asset_materialization_events() if e.asset_key == dg.AssetKey("first")]
    rows = {e.partition: e.materialization.metadata["rows"].value for e in events}
    assert rows == {"2022": 2022, "2023": 2023}


def test_a_failed_blocking_check_stops_what_is_downstream() -> None:
    seen: list[Any] = []
    result, _ = run(chain(seen, passed=False))
    assert not result.success
    assert [name for name, _ in seen] == ["first"]


def test_a_failed_check_that_only_warns_stops_nothing() -> None:
    seen: list[Any] = []
    result, _ = run(chain(seen, passed=False, severity=dg.AssetCheckSeverity.WARN))
    assert result.success
    assert [name for name, _ in seen] == ["first", "second"]


@pytest.mark.parametrize("passed", [True, False])
def test_a_check_reports_in_either_case(passed: bool) -> None:
    result, _ = run(chain([], passed=passed))
    (evaluation,) = result.get_asset_check_evaluations()
    assert (evaluation.check_name, evaluation.passed) == ("shape", passed)
