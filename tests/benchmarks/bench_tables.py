"""How fast the table widget opens and turns pages over a hundred thousand rows of forty columns."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from edsl_nb import Dataset
from edsl_nb.core.tables import Filter, Query, Sort
from edsl_nb.widgets.table import TableWidget
from tests.benchmarks.bench_results import INTERVIEWS, made
from tests.benchmarks.conftest import Finding

COLUMNS = 40


def timed(action: Any) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def columns() -> dict[str, list[Any]]:
    """Forty columns of usual kinds."""
    kinds: list[Any] = [
        lambda i: f"person {i % 100}",
        lambda i: ("Yes", "No", "Perhaps")[i % 3],
        lambda i: i % 97,
        lambda i: f"What {i} says in a sentence or two.",
    ]
    return {f"column_{n}": [kinds[n % 4](i) for i in range(INTERVIEWS)] for n in range(COLUMNS)}


@pytest.mark.timeout(300)
def test_a_table_of_100_000_rows_and_40_columns(benchmark: Any, finding: Finding) -> None:
    data = columns()
    opened = timed(lambda: TableWidget(Dataset(data).as_table()).static_html())
    table = Dataset(data).as_table()

    def page(**query: Any) -> float:
        return timed(lambda: asyncio.run(table.page(Query(**query))))

    found = {
        "first page": page(),
        "page in the middle": page(offset=50_000, limit=100),
        "sort": page(sort=Sort("column_2")),
        "next page of it": page(sort=Sort("column_2"), offset=10),
        "filter": page(filters=(Filter("column_1", one_of=("Yes",)),)),
        "next page of what was filtered": page(filters=(Filter("column_1", one_of=("Yes",)),), offset=10),
        "filter and sort": page(filters=(Filter("column_1", one_of=("No",)),), sort=Sort("column_2")),
        "next page of that": page(
            filters=(Filter("column_1", one_of=("No",)),), sort=Sort("column_2"), offset=10
        ),
        "search": page(search="what 99999 says"),
        "profile": timed(lambda: asyncio.run(table.profile("column_2"))),
    }
    benchmark.pedantic(lambda: page(offset=70_000), rounds=20)
    seconds = ", ".join(f"{name} {value * 1000:.0f} ms" for name, value in found.items())
    finding(f"table of {INTERVIEWS:,} rows x {COLUMNS} columns: opens in {opened:.2f} s; {seconds}")
    assert opened < 1
    assert found["next page of it"] < 0.1
    assert found["next page of that"] < 0.1
    assert found["page in the middle"] < 0.1


@pytest.mark.timeout(300)
def test_results_of_100_000_interviews_as_a_widget(finding: Finding) -> None:
    results = made(INTERVIEWS)
    opened = timed(lambda: TableWidget(results.as_table()).static_html())
    table = results.as_table()
    page = timed(lambda: asyncio.run(table.page(Query(offset=50_000))))
    picture = timed(lambda: asyncio.run(table.picture("likes", "", 400, Query())))
    shown = f"{len(table.columns)} columns"
    finding(
        f"results widget of {INTERVIEWS:,} interviews, {shown}: opens in {opened:.2f} s, "
        f"page {page * 1000:.0f} ms, chart {picture * 1000:.0f} ms"
    )
    assert opened < 1
    assert page < 0.1
