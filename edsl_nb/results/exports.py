"""What columns can be turned into: Python values, data frames, files, lists of scenarios and agents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, cast

from edsl_nb.core import late
from edsl_nb.core.cells import as_cell, csv_text
from edsl_nb.core.errors import ResultsError
from edsl_nb.results import files, sql
from edsl_nb.results.columnar import Columnar
from edsl_nb.results.frames import arrow, as_json, as_text, frame
from edsl_nb.results.naming import bare, flat, short_names, shortened

if TYPE_CHECKING:
    import pandas as pd

    from edsl_nb.agents import AgentList
    from edsl_nb.results.dataset import Dataset
    from edsl_nb.scenarios import ScenarioList

#: What an agent is made of beside its traits, by bare names of columns.
_OF_AGENTS = {"agent_name": "name", "agent_instruction": "instruction"}


class Exports(Columnar):
    """Ways out."""

    def _written(self, remove_prefix: bool, pretty_labels: Mapping[str, str] | None = None) -> list[str]:
        """The names of all columns, as they are to be written."""
        every = self.columns
        names = shortened(every) if remove_prefix else every
        if pretty_labels is None:
            return names
        if not isinstance(pretty_labels, Mapping):
            raise ResultsError(
                "a dict of labels by column is wanted",
                field="pretty_labels",
                value=pretty_labels,
                remedy='Such as {"answer.q": "Answer"}.',
            )
        labels = {self._name(name, "pretty_labels"): str(label) for name, label in pretty_labels.items()}
        return [labels.get(full, name) for full, name in zip(every, names, strict=True)]

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        every = [self.column(name) for name in self.columns]
        return zip(*every, strict=True)

    def _written_rows(self) -> Iterator[tuple[Any, ...]]:
        every = [self.column(name).written() for name in self.columns]
        return zip(*every, strict=True)

    # Python values

    def to_dicts(self, remove_prefix: bool = True) -> list[dict[str, Any]]:
        """A dict per row.

        Parameters:
            remove_prefix: whether to take prefixes such as ``answer.`` off, where names stay different.

        Example:
            >>> from edsl_nb import Dataset
            >>> Dataset({"answer.q": ["Yes"], "agent.age": [20]}).to_dicts()
            [{'q': 'Yes', 'age': 20}]
        """
        names = self._written(remove_prefix)
        return [dict(zip(names, row, strict=True)) for row in self._rows()]

    def to_list(self, flatten: bool = False, remove_none: bool = False) -> list[Any]:
        """The values of a single column; of several columns, a tuple per row.

        Parameters:
            flatten: whether the items of lists in a single column are given one by one.
            remove_none: whether None is left out, and of several columns rows of nothing else.

        Raises:
            ResultsError: there are several columns to flatten.

        Example:
            >>> from edsl_nb import Dataset
            >>> Dataset({"answer.l": [[1, 2], None]}).to_list(flatten=True, remove_none=True)
            [1, 2]
        """
        names = self.columns
        if len(names) != 1:
            if flatten:
                raise ResultsError(
                    "only one column can be flattened",
                    field="flatten",
                    value=names,
                    remedy="Select it: .select('answer.q').to_list(flatten=True).",
                )
            rows = list(self._rows())
            return [row for row in rows if any(v is not None for v in row)] if remove_none else rows
        found: list[Any] = list(self.column(names[0]))
        if flatten:
            lists = (cast(list[Any], v) if isinstance(v, list | tuple) else [v] for v in found)
            found = [item for items in lists for item in items]
        return [value for value in found if value is not None] if remove_none else found

    # Frames and files

    def to_pandas(self, remove_prefix: bool = False, lists_as_strings: bool = False) -> pd.DataFrame:
        """A data frame with a column for each.

        Answers that were chosen from options are categories in the order of
        the options; whole numbers are ``Int64``, so that some may be missing;
        lists and dicts stay what they are, but for ``raw_model_response``, which
        is the JSON text that the service sent. ``frame.attrs["note"]`` says where
        these are partial results or those of a dry run.

        Parameters:
            remove_prefix: whether to take prefixes such as ``answer.`` off, where names stay different.
            lists_as_strings: whether lists and dicts are written as JSON, as in CSV files.
        """
        names = self._written(remove_prefix)
        columns = {name: self.column(full) for name, full in zip(names, self.columns, strict=True)}
        made = frame(columns, len(self))
        if lists_as_strings:
            from pandas.api.types import is_object_dtype

            for name in made.columns:
                if is_object_dtype(made[name]):
                    made[name] = made[name].map(as_cell)
        if self.note:
            made.attrs["note"] = self.note
        return made

    def to_csv(
        self,
        filename: files.Filename | None = None,
        remove_prefix: bool = False,
        pretty_labels: Mapping[str, str] | None = None,
    ) -> str | None:
        """Write a CSV file (UTF-8), a line per row. Lists and dicts are written as JSON, None as nothing.

        Parameters:
            filename: the file, which is replaced if it exists.
            remove_prefix: whether to take prefixes such as ``answer.`` off, where names stay different.
            pretty_labels: heads of columns, by column.

        Returns:
            The text, if no file is given.

        Raises:
            ResultsError: the file cannot be written, or there is no such column.
        """
        text = csv_text(self._written(remove_prefix, pretty_labels), self._written_rows())
        if filename is None:
            return text
        return files.write_text(filename, text)

    def to_excel(
        self,
        filename: files.Filename,
        remove_prefix: bool = False,
        pretty_labels: Mapping[str, str] | None = None,
        sheet_name: str = "Results",
    ) -> None:
        """Write an Excel file of one sheet. Lists and dicts are written as JSON.

        That these are partial results or those of a dry run stands in the file's description.

        Parameters:
            filename: the file, such as ``answers.xlsx``; it is replaced if it exists.
            remove_prefix: whether to take prefixes such as ``answer.`` off, where names stay different.
            pretty_labels: heads of columns, by column.
            sheet_name: the sheet.

        Raises:
            ResultsError: the file cannot be written, holds too little, or openpyxl is not installed.
        """
        names = self._written(remove_prefix, pretty_labels)
        files.write_excel(
            filename, files.checked_sheet(sheet_name), names, list(self._written_rows()), self.note
        )

    def to_parquet(self, filename: files.Filename, remove_prefix: bool = False) -> None:
        """Write a Parquet file. Choices are dictionaries, lists stay lists, dicts are JSON.

        Parameters:
            filename: the file, which is replaced if it exists.
            remove_prefix: whether to take prefixes such as ``answer.`` off, where names stay different.

        Raises:
            ResultsError: the file cannot be written, or pyarrow is not installed.
        """
        parquet = files.needed("pyarrow.parquet", "files", "Parquet files are")
        names = self._written(remove_prefix)
        columns = {name: self.column(full) for name, full in zip(names, self.columns, strict=True)}
        table = arrow(columns, self.note)
        files.write(filename, lambda path: parquet.write_table(table, path))

    def to_jsonl(self, filename: files.Filename | None = None, remove_prefix: bool = False) -> str:
        """The rows as lines of JSON, a dict each.

        Parameters:
            filename: a file to write the lines to as well; it is replaced if it exists.
            remove_prefix: whether to take prefixes such as ``answer.`` off, where names stay different.

        Returns:
            The lines.

        Raises:
            ResultsError: the file cannot be written.
        """
        text = "".join(as_json(row) + "\n" for row in self.to_dicts(remove_prefix))
        if filename is not None:
            files.write_text(filename, text)
        return text

    def to_markdown(self, filename: files.Filename | None = None, remove_prefix: bool = False) -> str:
        """The rows as a Markdown table.

        Parameters:
            filename: a file to write it to as well; it is replaced if it exists.
            remove_prefix: whether to take prefixes such as ``answer.`` off, where names stay different.

        Returns:
            The table.

        Example:
            >>> from edsl_nb import Dataset
            >>> print(Dataset({"q": ["Yes"]}).to_markdown())
            | q |
            | --- |
            | Yes |
        """
        names = self._written(remove_prefix)
        lines = [_line(names), _line(["---"] * len(names)), *(_line(row) for row in self._rows())]
        text = "\n".join([*lines, "", f"*{self.note}*"] if self.note else lines)
        if filename is not None:
            files.write_text(filename, text + "\n")
        return text

    # Other objects

    def to_dataset(self) -> Dataset:
        """All columns, as a dataset."""
        return self.select()

    def to_scenario_list(self, remove_prefix: bool = True) -> ScenarioList:
        """A scenario per row, whose fields are the columns.

        Parameters:
            remove_prefix: whether to take prefixes such as ``answer.`` off, where names stay different.

        Example:
            >>> from edsl_nb import Dataset
            >>> Dataset({"answer.q": ["Yes"]}).to_scenario_list()
            ScenarioList([Scenario({'q': 'Yes'})])
        """
        from edsl_nb.scenarios import ScenarioList

        names = self._written(remove_prefix)
        columns = {n: list(self.column(full)) for n, full in zip(names, self.columns, strict=True)}
        return ScenarioList.from_columns(columns, count=len(self))

    def to_agent_list(self, remove_prefix: bool = True) -> AgentList:
        """An agent per row, whose traits are the columns.

        ``agent_name`` is its name and ``agent_instruction`` its instruction.

        Parameters:
            remove_prefix: has to be True, since traits have no prefixes; kept for EDSL.

        Raises:
            AgentError: a column cannot be a trait.
        """
        from edsl_nb.agents import Agent, AgentList

        if not remove_prefix:
            raise ResultsError(
                "a trait has no prefix", field="remove_prefix", value=False, remedy="Leave it out."
            )
        names = shortened(self.columns)
        own = {bare(name): name for name in names if bare(name) in _OF_AGENTS}

        def agent(record: dict[str, Any]) -> Agent:
            about = {_OF_AGENTS[key]: record.pop(name) for key, name in own.items()}
            record.pop("agent_index", None)
            name = about.pop("name", None)
            return Agent(record, name=None if name is None else str(name), **about)

        return AgentList(agent(dict(zip(names, row, strict=True))) for row in self._rows())

    def sql(
        self,
        query: str,
        transpose: bool | None = None,
        transpose_by: str | None = None,
        remove_prefix: bool = True,
        shape: Literal["wide", "long"] = "wide",
    ) -> Dataset:
        """What a SQL query gives, asked by DuckDB. The table is called ``self``.

        Columns with lists and dicts are JSON texts there. The query sees
        nothing but these columns: no files, and no variables.

        Parameters:
            query: such as ``"select persona, count(*) as n from self group by persona"``.
            transpose: whether the rows found are made columns, named by the first column.
            transpose_by: the column that names them then.
            remove_prefix: whether columns are called by their bare names; those
                that have one in common keep their full names, which
                go in double quotes: ``"scenario.x"``.
            shape: ``"wide"``, or ``"long"`` for a table with a row per value, whose columns
                are ``row_number``, ``key``, ``value`` (a text) and ``data_type``.

        Raises:
            ResultsError: DuckDB is not installed (``pip install "edsl_nb[sql]"``), or refuses the query.
        """
        if shape not in ("wide", "long"):
            raise ResultsError(
                "there is no such shape", field="shape", value=shape, remedy="'wide' or 'long'."
            )
        columns = {name: self.column(name) for name in self.columns}
        if shape == "long":
            columns = sql.long_columns(columns)
        elif remove_prefix:
            columns = {short: columns[name] for name, short in short_names(self.columns).items()}
        found = sql.ask(query, columns, len(next(iter(columns.values()), ())))
        turned = transpose or (transpose is None and transpose_by is not None)
        return self._dataset(sql.transposed(found, transpose_by) if turned else found)

    # Showing

    def table(
        self,
        *names: str,
        pretty_labels: Mapping[str, str] | None = None,
        max_rows: int | None = None,
        tablefmt: str | None = None,
    ) -> Dataset:
        """Some columns, to be shown as a table.

        Parameters:
            names: as for `select`; all columns if left out.
            pretty_labels: other names for columns, by column.
            max_rows: how many rows at most.
            tablefmt: kept for EDSL; tables look the same everywhere.

        Raises:
            ResultsError: a name stands for no column.
        """
        chosen = self.select(*flat(names, "table"))
        labelled = self._dataset(
            dict(zip(chosen._written(False, pretty_labels), map(chosen.column, chosen.columns), strict=True))
        )
        return labelled if max_rows is None else labelled.head(max_rows)

    def print(
        self,
        pretty_labels: Mapping[str, str] | None = None,
        max_rows: int | None = None,
        format: str | None = None,
    ) -> None:
        """Show the rows as a table, also in the middle of a cell.

        Parameters:
            pretty_labels: other names for columns, by column.
            max_rows: how many rows at most.
            format: kept for EDSL; tables look the same everywhere.

        Raises:
            ResultsError: there is no such column.
        """
        late.call("show", self.table(pretty_labels=pretty_labels, max_rows=max_rows))


def _line(values: Any) -> str:
    """A line of a Markdown table."""
    cells = ("" if value is None else as_text(value) for value in values)
    shown = (text.replace("\\", "\\\\").replace("|", "\\|") for text in cells)
    return "| " + " | ".join("<br>".join(text.splitlines()) for text in shown) + " |"
