"""Folders of files, and PDF."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from edsl_nb.core.errors import ScenarioError
from edsl_nb.scenarios.scenario import flat_names
from edsl_nb.scenarios.sources.found import Found, checked_path, library, of_records, of_table, unreadable


def directory(
    directory: str | Path,
    pattern: str = "*",
    recursive: bool = False,
    metadata: bool = True,
    ignore_dirs: Iterable[str] | None = None,
    ignore_files: Iterable[str] | None = None,
) -> Found:
    """The files of a folder, in order of their paths, each a `FileStore` in ``file``.

    With `metadata`, path, name, size (bytes) and times (seconds since 1970) are there, too.
    """
    from edsl_nb.files import FileStore

    folder = _folder(directory)
    if not isinstance(pattern, str) or not pattern:
        raise ScenarioError("a pattern is wanted", field="pattern", value=pattern, remedy="Such as '*.txt'.")
    no_dirs, no_files = (
        flat_names([ignore_dirs or ()], "ignore_dirs"),
        flat_names([ignore_files or ()], "ignore_files"),
    )
    records: list[dict[str, Any]] = []
    for path in sorted(_files(folder, recursive, no_dirs)):
        if _named(path, [pattern]) and not _named(path, no_files):
            store: Any = FileStore(str(path))
            records.append({"file": store, **(_about(path) if metadata else {})})
    return of_records(records)


def _folder(path: Any) -> Path:
    if not isinstance(path, str | Path) or not str(path).strip() or not Path(path).expanduser().is_dir():
        raise ScenarioError(
            "there is no such folder",
            field="directory",
            value=path,
            remedy=f"The working folder is {Path.cwd()}.",
        )
    return Path(path).expanduser()


def _files(folder: Path, recursive: bool, ignored: list[str]) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_file():
            yield path
        # A link may lead back to where it is.
        elif recursive and path.is_dir() and not path.is_symlink() and not _named(path, ignored):
            yield from _files(path, recursive, ignored)


def _named(path: Path, patterns: list[str]) -> bool:
    return any(fnmatch(path.name, pattern) for pattern in patterns)


def _about(path: Path) -> dict[str, Any]:
    facts = path.stat()
    return {
        "file_path": str(path.resolve()),
        "file_name": path.name,
        "file_size": facts.st_size,
        "file_created": facts.st_ctime,
        "file_modified": facts.st_mtime,
    }


def pdf(
    file_path: str | Path, chunk_type: str = "page", chunk_size: int = 1, chunk_overlap: int = 0
) -> Found:
    """The text of a PDF file: ``filename``, ``page`` (from 1) and ``text``.

    A row is `chunk_size` pages (or characters of the whole text, with
    ``chunk_type="text"``), of which `chunk_overlap` are in the row before, too.
    """
    path = checked_path(file_path, "file_path")
    if chunk_type not in ("page", "text"):
        raise ScenarioError(
            "'page' or 'text' is wanted", field="chunk_type", value=chunk_type, remedy="Pages are usual."
        )
    for field, value, least in (("chunk_size", chunk_size, 1), ("chunk_overlap", chunk_overlap, 0)):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ScenarioError(
                f"a whole number from {least} is wanted",
                field=field,
                value=value,
                remedy=f"Such as {field}={least}.",
            )
    if chunk_overlap >= chunk_size:
        raise ScenarioError(
            "it has to be less than chunk_size",
            field="chunk_overlap",
            value=chunk_overlap,
            remedy="Such as 0.",
        )
    pages = _pages(path)
    step = chunk_size - chunk_overlap
    if chunk_type == "text":
        whole = "\n".join(pages)
        starts = range(0, max(1, len(whole) - chunk_overlap), step)
        return of_table(
            ["filename", "chunk", "text"],
            [(path.name, number, whole[at : at + chunk_size]) for number, at in enumerate(starts, 1)],
        )
    starts = range(0, max(1, len(pages) - chunk_overlap), step)
    return of_table(
        ["filename", "page", "text"],
        [(path.name, at + 1, "\n".join(pages[at : at + chunk_size])) for at in starts],
    )


def _pages(path: Path) -> list[str]:
    reader = library("pypdf", "PDF files").PdfReader
    try:
        return [page.extract_text() for page in reader(path).pages]
    except Exception as failure:  # noqa: BLE001 - a broken file fails in many ways
        raise unreadable(path, "PDF file", failure) from None
