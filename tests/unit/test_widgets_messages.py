"""The protocol between Python and the browser."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edsl_nb.core.cells import safe_cell
from edsl_nb.widgets.messages import parse_request
from edsl_nb.widgets.messages.progress import PauseRequest, ResumeRequest, StopRequest
from edsl_nb.widgets.messages.table import CELL_LIMIT, PageRequest
from edsl_nb.widgets.paging import cut_row

ROOT = Path(__file__).resolve().parents[2]
PAGE = {
    "type": "page",
    "view": "v",
    "id": 1,
    "offset": 0,
    "limit": 10,
    "search": "",
    "sort": None,
    "filters": [],
}


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_protocol", ROOT / "js/generate_protocol.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_typescript_types_are_current() -> None:
    made = generator()
    assert made.TARGET.read_text(encoding="utf-8") == made.typescript(), "run: python js/generate_protocol.py"


def test_requests_are_read_by_their_type() -> None:
    request = parse_request({**PAGE, "sort": {"column": "c", "descending": True}})
    assert isinstance(request, PageRequest)
    assert request.sort is not None and request.sort.descending
    assert isinstance(parse_request({"type": "stop"}), StopRequest)
    assert isinstance(parse_request({"type": "pause"}), PauseRequest)
    assert isinstance(parse_request({"type": "resume"}), ResumeRequest)


@pytest.mark.parametrize(
    "change",
    [
        {"offset": -1},
        {"limit": 0},
        {"limit": 1001},
        {"limit": "10"},
        {"search": "x" * 1001},
        {"view": "v" * 65},
        {"sort": "c"},
        {"type": "drop"},
        {"surplus": 1},
    ],
)
def test_bad_requests_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        parse_request({**PAGE, **change})


@pytest.mark.parametrize("content", [None, 5, "page", [], {}, {"type": None}])
def test_what_is_no_request_is_refused(content: object) -> None:
    with pytest.raises(ValidationError):
        parse_request(content)


@given(st.text(max_size=2 * CELL_LIMIT))
def test_long_texts_are_cut_and_marked(text: str) -> None:
    row = cut_row(7, [text, 1])
    assert row.cells == [text[:CELL_LIMIT], 1]
    assert row.cut == [len(text) > CELL_LIMIT, False]


def test_numbers_that_json_or_a_browser_would_spoil_travel_as_text() -> None:
    assert [safe_cell(v) for v in (float("nan"), float("inf"), 2**60, 1.5, True, None)] == [
        "nan", "inf", str(2**60), 1.5, True, None,
    ]  # fmt: skip
