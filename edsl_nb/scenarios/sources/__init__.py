"""Where scenario lists come from: files, data frames and Python values, each to rows or columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any, cast

from edsl_nb.core.errors import ScenarioError, nearest
from edsl_nb.scenarios.sources.found import Found

#: source type -> module of this package, and the function in it.
_READERS: dict[str, tuple[str, str]] = {
    "csv": ("delimited", "csv_file"),
    "delimited_file": ("delimited", "delimited_file"),
    "dict": ("values", "of_dict"),
    "directory": ("documents", "directory"),
    "dta": ("frames", "stata"),
    "excel": ("workbooks", "excel"),
    "json": ("values", "json_file"),
    "jsonl": ("values", "jsonl_file"),
    "latex": ("delimited", "latex"),
    "list": ("values", "of_list"),
    "list_of_dicts": ("values", "of_dicts"),
    "list_of_tuples": ("values", "of_tuples"),
    "pandas": ("frames", "pandas"),
    "parquet": ("frames", "parquet"),
    "pdf": ("documents", "pdf"),
    "sqlite": ("databases", "sqlite"),
    "tsv": ("delimited", "tsv_file"),
}

#: What EDSL reads and we do not, with what to do instead.
_REFUSED = {
    "google_doc": "Download it as a text file, and read that.",
    "google_sheet": "Download it as CSV, and read that: from_source('csv', path).",
    "pdf_to_image": "Read its text: from_source('pdf', path).",
    "urls": "Download the pages, and read them: from_source('directory', folder).",
    "wikipedia": "Save the table as CSV, and read that: from_source('csv', path).",
}

_ENDINGS = {
    ".csv": "csv", ".tsv": "tsv", ".txt": "delimited_file", ".dat": "delimited_file",
    ".xlsx": "excel", ".xlsm": "excel", ".xls": "excel", ".parquet": "parquet", ".pdf": "pdf",
    ".db": "sqlite", ".sqlite": "sqlite", ".sqlite3": "sqlite", ".dta": "dta", ".tex": "latex",
    ".latex": "latex", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl",
}  # fmt: skip


def read(source: Any, args: tuple[Any, ...], options: Mapping[str, Any]) -> Found:
    """What a source holds.

    Parameters:
        source: a source type, or a path or object to find the type of.
        args: what the source type takes: a path, say.
        options: what else it takes, by name.

    Raises:
        ScenarioError: there is no such type, the parameters do not fit, or the source cannot be read.
    """
    kind = source if isinstance(source, str) and (source in _READERS or source in _REFUSED) else None
    if kind is None:
        if not _is_object(source):
            kind = _kind_of_path(source, bool(args or options))
        else:
            kind = _kind_of_object(source)
        args = (source, *args)
    if kind in _REFUSED:
        raise ScenarioError(
            "this source needs the internet or what else is not built in",
            field="source_type",
            value=kind,
            remedy=_REFUSED[kind],
        )
    module, name = _READERS[kind]
    reader: Callable[..., Found] = getattr(import_module(f"{__name__}.{module}"), name)
    _check(kind, reader, args, options)
    return reader(*args, **options)


def _check(
    kind: str, reader: Callable[..., Found], args: tuple[Any, ...], options: Mapping[str, Any]
) -> None:
    """Raise unless parameters fit a reader."""
    parameters = signature(reader).parameters
    for name, value in options.items():
        if name not in parameters:
            raise ScenarioError(
                f"the source {kind!r} takes no such parameter",
                field=name,
                value=value,
                remedy=nearest(name, parameters),
            )
    try:
        signature(reader).bind(*args, **options)
    except TypeError as wrong:
        raise ScenarioError(
            f"the parameters of the source {kind!r} do not fit: {wrong}",
            field="from_source",
            value=args,
            remedy=f"It takes {', '.join(parameters)}.",
        ) from None


def _is_object(source: Any) -> bool:
    return not isinstance(source, str | Path)


def _kind_of_path(source: str | Path, known_type_wanted: bool) -> str:
    text = str(source)
    if text.lower().startswith(("http://", "https://")):
        raise ScenarioError(
            "what is on the internet is not read here",
            field="source",
            value=text,
            remedy="Download the file, and give its path.",
        )
    path = Path(text).expanduser()
    kind = "directory" if path.is_dir() else _ENDINGS.get(path.suffix.lower())
    if kind is not None:
        return kind
    if known_type_wanted or not path.exists():
        known = [*_READERS, *_REFUSED]
        raise ScenarioError(
            "there is no such source type, file or folder",
            field="source",
            value=text,
            remedy=nearest(text, known),
        )
    raise ScenarioError(
        "the type of the file cannot be told from its name",
        field="source",
        value=text,
        remedy="Say what it is: from_source('csv', path).",
    )


def _kind_of_object(source: Any) -> str:
    module = type(source).__module__.partition(".")[0]
    if module in ("pandas", "pyarrow") and hasattr(source, "columns"):
        return "pandas" if module == "pandas" else "parquet"
    if isinstance(source, Mapping):
        return "dict"
    if isinstance(source, list | tuple):
        items = cast("list[Any]", source)
        return "list_of_dicts" if all(isinstance(item, Mapping) for item in items) else "list"
    raise ScenarioError(
        "scenarios cannot be made of this",
        field="source",
        value=source,
        remedy="Give a path, a data frame, a dict of lists, or a source type and what it takes.",
    )
