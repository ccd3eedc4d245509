"""Tables in texts: CSV, TSV, other separators, and LaTeX."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from edsl_nb.core.errors import ScenarioError
from edsl_nb.scenarios.sources.found import Found, checked_path, of_table
from edsl_nb.scenarios.texts import headers

#: Texts in cells may be whole documents.
_LONGEST_CELL = 2**31 - 1


def read_text(path: Path, encoding: str = "utf-8") -> str:
    """The text of a file, with its line ends as they are.

    Raises:
        ScenarioError: it cannot be read, or is not in this encoding.
    """
    try:
        # A mark at the start of the file, as Excel leaves one, is no part of the first name.
        with path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as file:
            return file.read()
    except UnicodeError:
        raise ScenarioError(
            f"the file is not in the encoding {encoding}",
            field="encoding",
            value=str(path),
            remedy="Say which it is in: encoding='latin-1', say.",
        ) from None
    except (LookupError, TypeError):
        raise ScenarioError(
            "there is no such encoding", field="encoding", value=encoding, remedy="Such as 'utf-8'."
        ) from None
    except OSError as failure:
        raise ScenarioError(
            f"the file cannot be read: {failure.strerror}",
            field="path",
            value=str(path),
            remedy="Check its rights.",
        ) from None


def csv_file(file_or_url: str | Path, has_header: bool = True, encoding: str = "utf-8") -> Found:
    """A file with values separated by commas."""
    return delimited_file(file_or_url, ",", has_header, encoding)


def tsv_file(file_or_url: str | Path, has_header: bool = True, encoding: str = "utf-8") -> Found:
    """A file with values separated by tabs."""
    return delimited_file(file_or_url, "\t", has_header, encoding)


def delimited_file(
    file_or_url: str | Path, delimiter: str = ",", has_header: bool = True, encoding: str = "utf-8"
) -> Found:
    """A file with values separated by some character: texts, as many in each line as in the first."""
    path = checked_path(file_or_url, "file_or_url")
    if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '\r\n"':
        raise ScenarioError(
            "one character is wanted", field="delimiter", value=delimiter, remedy="Such as ',' or ';'."
        )
    rows = _lines(read_text(path, encoding), delimiter, path)
    _, first = next(rows, (0, []))
    if not first:
        raise ScenarioError("the file is empty", field="path", value=str(path), remedy="Check the file.")
    names = headers(first) if has_header else headers([""] * len(first))
    return of_table(names, _whole(first, rows, has_header, path))


def _lines(text: str, delimiter: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """The lines that are not empty, with the numbers they end at."""
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as wrong:
        raise ScenarioError(
            f"line {reader.line_num} cannot be read: {wrong}",
            field="path",
            value=str(path),
            remedy="Check the file.",
        ) from None


def _whole(
    first: list[str], rows: Iterator[tuple[int, list[str]]], has_header: bool, path: Path
) -> Iterator[Sequence[str]]:
    """The rows, each of which has as many values as the first."""
    if not has_header:
        yield first
    for number, row in rows:
        if len(row) != len(first):
            raise ScenarioError(
                f"line {number} has {len(row)} values, the first line {len(first)}",
                field="path",
                value=str(path),
                remedy="Put values that hold the separator in quotes, or name another delimiter.",
            )
        yield row


_TABLE = re.compile(r"\\begin\{tabular[*x]?\}")
_RULE = re.compile(r"\\(?:hline|toprule|midrule|bottomrule|cline\{[^}]*\})")
_COMMAND = re.compile(r"\\(?:textbf|textit|emph|text)\{([^{}]*)\}")


def latex(file_path: str | Path, table_index: int = 0, has_header: bool = True) -> Found:
    """A table (``tabular``) in a LaTeX file. All values are texts; emphasis in them is left out."""
    path = checked_path(file_path, "file_path")
    text = read_text(path)
    starts = [match.end() for match in _TABLE.finditer(text)]
    if (
        isinstance(table_index, bool)
        or not isinstance(table_index, int)
        or not 0 <= table_index < len(starts)
    ):
        raise ScenarioError(
            f"the file has {len(starts)} tables",
            field="table_index",
            value=table_index,
            remedy="Count from 0.",
        )
    inside = text[starts[table_index] :].partition(r"\end{tabular")[0]
    rows = [row for line in _body(inside).split(r"\\") if (row := _cells(line)) != [""]]
    if not rows:
        raise ScenarioError("the table is empty", field="path", value=str(path), remedy="Check the file.")
    names = headers(rows[0] if has_header else [""] * len(rows[0]))
    return of_table(names, _whole(rows[0], iter(enumerate(rows[1:], 2)), has_header, path))


def _body(inside: str) -> str:
    """A table without what says how its columns are set."""
    depth = 0
    for place, letter in enumerate(inside):
        depth += (letter == "{") - (letter == "}")
        if depth == 0 and letter == "}" and inside[place + 1 : place + 2] != "{":
            return inside[place + 1 :]
    return inside


def _cells(line: str) -> list[str]:
    plain = _COMMAND.sub(r"\1", _RULE.sub("", line)).replace(r"\&", "\0")
    return [cell.replace("\0", "&").replace(r"\%", "%").strip() for cell in plain.split("&")]
