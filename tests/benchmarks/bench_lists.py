"""How soon a list of a million scenarios can be worked with, and how much memory it takes."""

from __future__ import annotations

import gc
import time
from pathlib import Path
from typing import Any

import psutil

from edsl_nb import ScenarioList
from tests.benchmarks.conftest import Finding, Program

ROWS = 1_000_000


def write_parquet(path: Path, rows: int = ROWS) -> None:
    """A file with numbers, texts that differ, and texts of which there are few."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    numbers = range(rows)
    table = pa.table(
        {
            "Number": pa.array(numbers),
            "Share": pa.array([i / rows for i in numbers]),
            "Title": pa.array([f"item number {i}" for i in numbers]),
            "Kind": pa.array(["tea" if i % 3 else None for i in numbers]),
        }
    )
    pq.write_table(table, path)


def used() -> int:
    """Bytes that this process takes."""
    gc.collect()
    return psutil.Process().memory_info().rss


def work(path: str) -> dict[str, float]:
    """Seconds and bytes for a list from a file, and for what is done with it first."""
    took: dict[str, float] = {}
    before, began = used(), time.perf_counter()
    scenarios = ScenarioList.from_source("parquet", path)
    assert len(scenarios) == ROWS
    assert scenarios[-1]["number"] == ROWS - 1
    took["read"] = time.perf_counter() - began
    began = time.perf_counter()
    table = scenarios.rename({"title": "name"}).select("name", "kind").as_table()
    assert len(table.first_rows(10)) == 10
    took["look"] = time.perf_counter() - began
    took["bytes"] = used() - before
    began = time.perf_counter()
    half = scenarios.filter("number < 500000")
    assert len(half) == ROWS // 2
    assert len(half.rows.field_sets(lambda scenario: frozenset(scenario.data))) == 1
    took["filter"] = time.perf_counter() - began
    return took


_FRESH = """
import json
from tests.benchmarks.bench_lists import work
print(json.dumps(work({path!r})))
"""


def test_a_million_scenarios_from_a_parquet_file(
    benchmark: Any, finding: Finding, program: Program, tmp_path: Path
) -> None:
    path = tmp_path / "million.parquet"
    write_parquet(path)
    took = program(_FRESH.format(path=str(path)))
    benchmark.pedantic(lambda: ScenarioList.from_source("parquet", path)[0], rounds=3)
    finding(
        f"ScenarioList of {ROWS:,} rows from a Parquet file: {took['read']:.2f} s in a fresh process, "
        f"first page after renaming and selecting {took['look'] * 1000:.0f} ms more, "
        f"memory growth {took['bytes'] / 2**20:.0f} MiB; filter {took['filter']:.1f} s"
    )
