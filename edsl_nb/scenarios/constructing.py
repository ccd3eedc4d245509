"""Constructors of scenario lists: from values, files and data frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from edsl_nb.core.rows import ColumnRows
from edsl_nb.scenarios.base import ScenarioRows
from edsl_nb.scenarios.scenario import Scenario, of_row
from edsl_nb.scenarios.sources import read
from edsl_nb.scenarios.sources.found import Found
from edsl_nb.scenarios.texts import distinct, snake_case


class Constructors(ScenarioRows):
    """Ways to make a list."""

    @classmethod
    def from_list(cls, field_name: str, values: Iterable[Any], use_indexes: bool = False) -> Self:
        """A scenario per value of one field.

        Parameters:
            field_name: the field.
            values: its values.
            use_indexes: whether to add a field ``idx`` that counts from 0.

        Raises:
            ScenarioError: there is no name, or no list.
        """
        return cls.from_source("list", field_name, values, use_indexes=use_indexes, snakify=False)

    @classmethod
    def from_nested_dict(cls, data: Mapping[str, Iterable[Any]]) -> Self:
        """A scenario per place in some lists of equal length, which are given by field.

        Raises:
            ScenarioError: it is no dict of lists, or they differ in length.

        Example:
            >>> from edsl_nb import ScenarioList
            >>> ScenarioList.from_nested_dict({"a": [1, 2], "b": [3, 4]}).to_dicts()
            [{'a': 1, 'b': 3}, {'a': 2, 'b': 4}]
        """
        return cls.from_source("dict", data, snakify=False)

    @classmethod
    def from_list_of_dicts(cls, data: Iterable[Mapping[str, Any]]) -> Self:
        """A scenario per dict.

        Raises:
            ScenarioError: something else is among them.
        """
        return cls.from_source("list_of_dicts", data, snakify=False)

    @classmethod
    def from_list_of_tuples(cls, field_names: Iterable[str], values: Iterable[tuple[Any, ...]]) -> Self:
        """A scenario per tuple, which has a value for each name.

        Raises:
            ScenarioError: a tuple has more or fewer values than there are names.
        """
        return cls.from_source("list_of_tuples", field_names, values, snakify=False)

    @classmethod
    def from_csv(cls, path: str | Path, snakify: bool = True, **options: Any) -> Self:
        """A scenario per line of a CSV file, with texts for values: `numberify` makes numbers.

        See `from_source` for options.
        """
        return cls.from_source("csv", path, snakify=snakify, **options)

    @classmethod
    def from_excel(cls, path: str | Path, snakify: bool = True, **options: Any) -> Self:
        """A scenario per row of a sheet. See `from_source` for options."""
        return cls.from_source("excel", path, snakify=snakify, **options)

    @classmethod
    def from_pandas(cls, df: Any, snakify: bool = False) -> Self:
        """A scenario per row of a data frame, whose values may be of any kind; missing ones become None."""
        return cls.from_source("pandas", df, snakify=snakify)

    @classmethod
    def from_parquet(cls, path: str | Path, snakify: bool = True) -> Self:
        """A scenario per row of a Parquet file, which may have millions."""
        return cls.from_source("parquet", path, snakify=snakify)

    @classmethod
    def from_sqlite(
        cls, path: str | Path, table: str | None = None, snakify: bool = True, **options: Any
    ) -> Self:
        """A scenario per row of a table in an SQLite file. See `from_source` for options."""
        return cls.from_source("sqlite", path, table, snakify=snakify, **options)

    @classmethod
    def from_pdf(cls, path: str | Path, **options: Any) -> Self:
        """A scenario per page of a PDF file. See `from_source` for options."""
        return cls.from_source("pdf", path, **options)

    @classmethod
    def from_directory(cls, path: str | Path, **options: Any) -> Self:
        """A scenario per file of a folder, with a `FileStore` in ``file``. See `from_source` for options."""
        return cls.from_source("directory", path, **options)

    @classmethod
    def from_wikipedia(cls, url: str, table_index: int = 0, **options: Any) -> Self:
        """Not available: it needs the internet. The error says what to do instead."""
        return cls.from_source("wikipedia", url, table_index, **options)

    @classmethod
    def from_source(cls, source: Any, *args: Any, snakify: bool = True, **options: Any) -> Self:
        """Scenarios from a file, a data frame or Python values.

        What is read from files stays columns, so that millions of rows are no
        burden. NaN and other missing values become None, dates and times their
        ISO text. A file that is ragged or broken is refused, with the line.

        Parameters:
            source: a source type, followed by what it takes; or a path, data
                frame, dict or list, whose type is found. The types:

                - ``csv``, ``tsv``: path, has_header, encoding. Values are texts: `numberify` makes numbers.
                - ``delimited_file``: path, delimiter, has_header, encoding.
                - ``excel``: path, sheet_name (the first if left out), skip_rows (numbers from 0).
                - ``parquet``, ``pandas``: path; data frame.
                - ``dta`` (Stata): path, include_metadata (labels of variables become the codebook).
                - ``sqlite``: path, table, fields.
                - ``json``: path of a list of objects or an object of lists; ``jsonl``: of an object per line.
                - ``pdf``: path, chunk_type (``page`` or ``text``), chunk_size, chunk_overlap.
                - ``latex``: path, table_index (from 0), has_header.
                - ``directory``: path, pattern, recursive, metadata, ignore_dirs, ignore_files.
                - ``list``: field_name, values, use_indexes; ``list_of_tuples``: field_names, values;
                  ``list_of_dicts``: dicts; ``dict``: lists by name.
            args: what the source type takes.
            snakify: whether fields are named so that templates can use them
                (``Job Title`` becomes ``job_title``).
            options: what else the source type takes, by name.

        Raises:
            ScenarioError: there is no such type or file, a package for it is
                missing, the parameters do not fit, or the file cannot be read.

        Example:
            >>> from edsl_nb import ScenarioList
            >>> ScenarioList.from_source({"Job Title": ["nurse", "pilot"]}).to_dicts()
            [{'job_title': 'nurse'}, {'job_title': 'pilot'}]
        """
        found = read(source, args, options)
        if snakify:
            found = _snakified(found)
        if found.columns is None:
            return cls((Scenario(record) for record in found.records), found.codebook or None)
        made = cls(codebook=found.codebook or None)
        made._rows = ColumnRows(found.columns, of_row, found.count)
        return made


def _snakified(found: Found) -> Found:
    names = list(found.columns if found.columns is not None else ())
    names += [name for record in found.records for name in record]
    new = distinct(dict.fromkeys(names), snake_case)
    return replace(
        found,
        columns=found.columns and {new[name]: values for name, values in found.columns.items()},
        records=[{new[name]: value for name, value in record.items()} for record in found.records],
        codebook={new.get(name, name): text for name, text in found.codebook.items()},
    )
