"""Verbs of scenario lists that choose, name and order fields and scenarios."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from typing import Any, Self

from edsl_nb.core.cells import as_cell
from edsl_nb.core.errors import ScenarioError
from edsl_nb.core.objects import canonical
from edsl_nb.core.rows import Each, SelectedRows
from edsl_nb.scenarios.base import ScenarioRows, checked_codebook
from edsl_nb.scenarios.scenario import flat_names, renaming
from edsl_nb.scenarios.texts import distinct, is_missing, snake_case, template_name


class FieldVerbs(ScenarioRows):
    """Choosing, naming and ordering."""

    @property
    def parameters(self) -> set[str]:
        """The names of all fields."""
        return set(self._field_names())

    def select(self, *names: str | Iterable[str]) -> Self:
        """The scenarios with these fields alone, in this order.

        Raises:
            ScenarioError: some scenario has no such field.
        """
        asked = self._known(names, "select")
        rows = self._columns()
        made = (
            self._changed(Each("select", asked))
            if rows is None
            else self._with(rows.with_columns({name: rows.columns[name] for name in asked}))
        )
        made._codebook = {name: text for name, text in self._codebook.items() if name in asked}
        return made

    def keep(self, *names: str | Iterable[str]) -> Self:
        """The same as `select`."""
        return self.select(*names)

    def drop(self, *names: str | Iterable[str]) -> Self:
        """The scenarios without these fields.

        Raises:
            ScenarioError: some scenario has no such field.
        """
        asked = self._known(names, "drop")
        rows = self._columns()
        if rows is None:
            made = self._changed(Each("drop", asked))
        else:
            left = {name: values for name, values in rows.columns.items() if name not in asked}
            made = self._with(rows.with_columns(left))
        made._codebook = {name: text for name, text in self._codebook.items() if name not in asked}
        return made

    def rename(self, old: str | Mapping[str, str], new: str | None = None) -> Self:
        """The scenarios with other names for their fields.

        Parameters:
            old: the name, or a dict of old and new names.
            new: the new name, where `old` is one name.

        Raises:
            ScenarioError: some scenario has no such field, or two fields would have the same name.

        Example:
            >>> from edsl_nb import ScenarioList
            >>> ScenarioList.from_list("a", [1, 2]).rename({"a": "x"}).to_dicts()
            [{'x': 1}, {'x': 2}]
        """
        names = renaming(old, new)
        self._require(names, "rename")
        return self._renamed(names)

    def _renamed(self, names: Mapping[str, str]) -> Self:
        """The list with new names for those fields that a scenario has."""
        for fields in self._rows.field_sets(lambda item: frozenset(item.data)):
            if len({names.get(name, name) for name in fields}) < len(fields):
                raise ScenarioError(
                    "two fields would have the same name",
                    field="rename",
                    value=dict(names),
                    remedy="Drop one first.",
                )
        rows = self._columns()
        if rows is None:
            made = self._changed(_Renamed(names))
        else:
            made = self._with(
                rows.with_columns({names.get(name, name): values for name, values in rows.columns.items()})
            )
        made._codebook = {names.get(name, name): text for name, text in self._codebook.items()}
        return made

    def replace_names(self, new_names: Iterable[str]) -> Self:
        """The scenarios with new names for all fields, in their order.

        Raises:
            ScenarioError: there are more or fewer fields than names.
        """
        new, old = flat_names([new_names], "new_names"), self._field_names()
        if len(new) != len(old):
            raise ScenarioError(
                f"there are {len(old)} fields and {len(new)} different names",
                field="new_names",
                value=new,
                remedy=f"Give a name for each: {', '.join(old)}.",
            )
        return self._renamed(dict(zip(old, new, strict=True)))

    def reorder_keys(self, new_order: Iterable[str]) -> Self:
        """The scenarios with their fields in another order.

        Raises:
            ScenarioError: a field is missing or unknown.
        """
        asked, have = flat_names([new_order], "new_order"), self._field_names()
        if set(asked) != set(have):
            raise ScenarioError(
                "each field is wanted once",
                field="new_order",
                value=asked,
                remedy=f"There are: {', '.join(have)}.",
            )
        return self.select(asked)

    def snakify(self) -> Self:
        """The scenarios with names that templates can use: ``Job Title`` becomes ``job_title``.

        Names that would be the same get ``_1``, ``_2`` and so on. Letters of
        other alphabets stay.
        """
        return self._renamed(distinct(self._field_names(), snake_case))

    def give_valid_names(self, existing_codebook: Mapping[str, str] | None = None) -> Self:
        """The scenarios with names that are identifiers; the codebook says what they were.

        Parameters:
            existing_codebook: new names by old ones, for those you want to choose.
        """
        chosen = checked_codebook(existing_codebook, ScenarioError)
        names = distinct(self._field_names(), lambda old: template_name(chosen.get(old, old)))
        made = self._renamed(names)
        changed = {new: old for old, new in names.items() if new != old}
        made._codebook = {**changed, **made._codebook}
        return made

    def order_by(self, *fields: str | Iterable[str], reverse: bool = False) -> Self:
        """The scenarios in order of one field, and of the next where that is equal.

        Numbers come before texts, whose case does not count; what is missing comes last, in either direction.

        Parameters:
            fields: their names.
            reverse: whether the largest comes first.

        Raises:
            ScenarioError: some scenario has no such field, or none is named.
        """
        asked = self._known(fields, "order_by")
        if not asked:
            raise ScenarioError("a field is wanted", field="order_by", remedy="Such as order_by('age').")
        columns = [[_place(value, reverse) for value in self._values(name, "order_by")] for name in asked]
        keys = list(zip(*columns, strict=True))
        order = sorted(range(len(self)), key=keys.__getitem__, reverse=bool(reverse))
        return self._with(SelectedRows(self._rows, array("q", order)))

    def uniquify(self, field: str) -> Self:
        """The scenarios with different texts in a field: what was there before gets ``_1``, ``_2`` and so on.

        Raises:
            ScenarioError: some scenario has no such field.
        """
        taken: set[str] = set()
        found: list[Any] = []
        for value in self._values(field, "uniquify"):
            made, count = value, 0
            while canonical(made) in taken:
                count += 1
                made = f"{value}_{count}"
            taken.add(canonical(made))
            found.append(made)
        return self._with_columns({field: found})

    def filter_na(self, fields: str | Iterable[str] = "*") -> Self:
        """The scenarios in which no value is missing: neither None nor NaN.

        Parameters:
            fields: which fields count; ``"*"`` for all.

        Raises:
            ScenarioError: some scenario has no such field.
        """
        asked = None if fields == "*" else self._known([fields], "filter_na")
        kept = (
            index
            for index, record in enumerate(self._records())
            if not any(is_missing(record[name]) for name in (record if asked is None else asked))
        )
        return self._with(SelectedRows(self._rows, array("q", kept)))


class _Renamed:
    """New names for the fields that a scenario has."""

    __slots__ = ("_names",)

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = dict(names)

    def __call__(self, item: Any, index: int) -> Any:
        return item.rename({old: new for old, new in self._names.items() if old in item})


def _place(value: Any, reverse: bool) -> tuple[int, Any, str]:
    if is_missing(value):
        return (-1 if reverse else 2), 0, ""
    if isinstance(value, int | float):
        return 0, value, ""
    text = str(as_cell(value))
    return 1, text.casefold(), text
