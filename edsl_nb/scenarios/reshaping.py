"""Verbs of scenario lists that make other rows: longer, wider, grouped, combined."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, permutations
from string import ascii_uppercase
from typing import Any, Self, cast

from edsl_nb.core.errors import ScenarioError
from edsl_nb.core.objects import canonical
from edsl_nb.core.rows import SelectedRows
from edsl_nb.scenarios.base import ScenarioRows
from edsl_nb.scenarios.scenario import flat_names

#: Most scenarios that are made of a list at a time.
_MOST = 5_000_000


class Reshaping(ScenarioRows):
    """Longer, wider, grouped, combined."""

    def replicate(self, n: int) -> Self:
        """Each scenario `n` times, one after the other.

        Raises:
            ScenarioError: `n` is not 0 or more, or makes too many.
        """
        count = _count(n, "n", 0)
        if count * len(self) > _MOST:
            raise ScenarioError(
                f"that makes more than {_MOST:,} scenarios", field="n", value=n, remedy="Repeat fewer times."
            )
        return self._with(SelectedRows(self._rows, [i for i in range(len(self)) for _ in range(count)]))

    def expand(self, *expand_fields: str, number_field: bool = False) -> Self:
        """A scenario for each item of the list in a field; a value that is no list is one item.

        A scenario with an empty list gives none.

        Parameters:
            expand_fields: the field, or several whose lists have the same length and go together.
            number_field: whether to add the items' numbers, from 1, as ``<field>_number``.

        Raises:
            ScenarioError: some scenario has no such field, or its lists differ in length.

        Example:
            >>> from edsl_nb import Scenario, ScenarioList
            >>> ScenarioList([Scenario({"a": 1, "l": ["x", "y"]})]).expand("l").to_dicts()
            [{'a': 1, 'l': 'x'}, {'a': 1, 'l': 'y'}]
        """
        fields = self._known(expand_fields, "expand")
        if not fields:
            raise ScenarioError("a field is wanted", field="expand", remedy="Such as expand('items').")
        return self._with(self._of(self._expanded(fields, number_field)))

    def _expanded(self, fields: list[str], number_field: bool) -> Iterator[dict[str, Any]]:
        for index, item in enumerate(self):
            lists = [
                value if isinstance(value, list | tuple) else [value] for value in map(item.data.get, fields)
            ]
            if len({len(cast("list[Any]", values)) for values in lists}) > 1:
                raise ScenarioError(
                    f"the lists of scenario {index} differ in length",
                    field="expand",
                    value=fields,
                    remedy="Expand one after the other for each with each.",
                )
            for number, values in enumerate(zip(*lists, strict=True), 1):
                numbers = {f"{name}_number": number for name in fields} if number_field else {}
                yield {**item.data, **dict(zip(fields, values, strict=True)), **numbers}

    def unpivot(self, id_vars: Iterable[str] | None = None, value_vars: Iterable[str] | None = None) -> Self:
        """A scenario for each value, with its field's name in ``variable`` and itself in ``value``.

        Parameters:
            id_vars: fields that each of them keeps.
            value_vars: the fields with the values; all others if left out.

        Raises:
            ScenarioError: some scenario has no such field.
        """
        kept = self._known([id_vars or ()], "id_vars")
        others = [name for name in self._field_names() if name not in kept]
        turned = others if value_vars is None else self._known([value_vars], "value_vars")
        return self._with(
            self._of(
                {**{key: item.data[key] for key in kept}, "variable": name, "value": item.data[name]}
                for item in self
                for name in turned
                if name in item.data
            )
        )

    def transpose(self, id_var: str | None = None) -> Self:
        """A scenario for each field, with its name in ``field`` and a field for each scenario there is now.

        Parameters:
            id_var: the field whose values name the new fields; ``row_0``, ``row_1`` ... if left out.

        Raises:
            ScenarioError: some scenario has no such field, or two have the same value there.

        Example:
            >>> from edsl_nb import ScenarioList
            >>> cities = ScenarioList.from_nested_dict({"city": ["Rome", "Oslo"], "heat": [30, 15]})
            >>> cities.transpose("city").to_dicts()
            [{'field': 'heat', 'Rome': 30, 'Oslo': 15}]
        """
        kept = [] if id_var is None else self._known([id_var], "id_var")
        names = [str(item.data[kept[0]]) if kept else f"row_{i}" for i, item in enumerate(self)]
        for name, count in Counter(["field", *names]).items():
            if count > 1:
                raise ScenarioError(
                    "the new fields need names that differ",
                    field="id_var",
                    value=name,
                    remedy="Name a field whose values do, or leave it out.",
                )
        return self._with(
            self._of(
                {
                    "field": field,
                    **{name: item.data.get(field) for name, item in zip(names, self, strict=True)},
                }
                for field in self._field_names()
                if field not in kept
            )
        )

    def pivot(
        self, id_vars: Iterable[str] | None = None, var_name: str = "variable", value_name: str = "value"
    ) -> Self:
        """A scenario for all those that are equal in some fields, with a field per name: undoes `unpivot`.

        Parameters:
            id_vars: the fields that are equal; all others if left out.
            var_name: the field with the new fields' names.
            value_name: the field with their values.

        Raises:
            ScenarioError: some scenario has no such field, or there are two values for one place.
        """
        self._require([var_name, value_name], "pivot")
        others = [name for name in self._field_names() if name not in (var_name, value_name)]
        kept = others if id_vars is None else self._known([id_vars], "id_vars")
        names = dict.fromkeys(
            flat_names([[str(value) for value in self._values(var_name, "pivot")]], "pivot")
        )
        found: dict[str, dict[str, Any]] = {}
        for index, item in enumerate(self):
            same = {key: item.data[key] for key in kept}
            row = found.setdefault(canonical(same), same)
            name = str(item.data[var_name])
            if name in row:
                raise ScenarioError(
                    f"scenario {index} gives a second value for the same place",
                    field=var_name,
                    value=name,
                    remedy="Name more fields in id_vars, or group_by first.",
                )
            row[name] = item.data[value_name]
        empty = dict.fromkeys(names)
        return self._with(self._of({**{k: row[k] for k in kept}, **empty, **row} for row in found.values()))

    def collapse(
        self,
        field: str,
        separator: str | None = None,
        prefix: str = "",
        postfix: str = "",
        add_count: bool = False,
    ) -> Self:
        """A scenario for all those that differ only in one field, with the list of its values.

        Parameters:
            field: the field.
            separator: what is put between the values to make one text of them; None for a list.
            prefix: what is put before each value.
            postfix: what is put behind each value.
            add_count: whether to add how many there were, as ``num_collapsed_rows``.

        Raises:
            ScenarioError: some scenario has no such field.
        """
        self._require([field], "collapse")
        found: dict[str, tuple[dict[str, Any], list[Any]]] = {}
        for item in self:
            rest = {name: value for name, value in item.data.items() if name != field}
            found.setdefault(canonical(rest), (dict(item.data), []))[1].append(item.data[field])
        return self._with(
            self._of(
                {
                    **row,
                    field: _together(values, separator, prefix, postfix),
                    **({"num_collapsed_rows": len(values)} if add_count else {}),
                }
                for row, values in found.values()
            )
        )

    def group_by(
        self, id_vars: Iterable[str], variables: Iterable[str], func: Callable[..., Mapping[str, Any]]
    ) -> Self:
        """A scenario for all those that are equal in some fields, with what a function makes of other fields.

        Parameters:
            id_vars: the fields that are equal.
            variables: the fields whose values the function gets, a list for each.
            func: returns a dict of new fields.

        Raises:
            ScenarioError: some scenario has no such field, or the function fails or returns no dict.

        Example:
            >>> from edsl_nb import Scenario, ScenarioList
            >>> sales = ScenarioList(Scenario({"shop": "a", "sold": n}) for n in (1, 2))
            >>> sales.group_by(["shop"], ["sold"], lambda sold: {"total": sum(sold)}).to_dicts()
            [{'shop': 'a', 'total': 3}]
        """
        self._callable(func)
        same, given = self._known([id_vars], "id_vars"), self._known([variables], "variables")
        groups: dict[str, tuple[int, dict[str, Any], list[list[Any]]]] = {}
        for index, item in enumerate(self):
            key = {name: item.data[name] for name in same}
            group = groups.setdefault(canonical(key), (index, key, [[] for _ in given]))
            for values, name in zip(group[2], given, strict=True):
                values.append(item.data[name])
        records: list[dict[str, Any]] = []
        for index, key, lists in groups.values():
            made = self._call(func, *lists, index=index)
            if not isinstance(made, Mapping):
                raise ScenarioError(
                    "the function has to return a dict",
                    field="func",
                    value=made,
                    remedy='Such as {"total": 3}.',
                )
            records.append({**key, **made})
        return self._with(self._of(records))

    def tally(self, *fields: str | Iterable[str], top_n: int | None = None) -> Self:
        """How often values occur together: a scenario for each, with ``count``, the most frequent first.

        Parameters:
            fields: the fields; all if left out.
            top_n: how many are wanted at most; None for all.

        Raises:
            ScenarioError: some scenario has no such field.
        """
        asked = self._known(fields, "tally") if fields else self._field_names()
        self._require(asked, "tally")
        found: dict[str, dict[str, Any]] = {}
        for item in self:
            same = {name: item.data[name] for name in asked}
            row = found.setdefault(canonical(same), {**same, "count": 0})
            row["count"] += 1
        rows = sorted(found.values(), key=lambda row: -row["count"])
        made = self._with(self._of(rows if top_n is None else rows[: _count(top_n, "top_n", 1)]))
        made._codebook = {name: text for name, text in self._codebook.items() if name in asked}
        return made

    def chunk(
        self,
        field: str,
        num_words: int | None = None,
        num_lines: int | None = None,
        include_original: bool = False,
        hash_original: bool = False,
    ) -> Self:
        """A scenario for each piece of a text. See `Scenario.chunk`.

        Raises:
            ScenarioError: some scenario has no such text, or both or neither size is given.
        """
        self._require([field], "chunk")
        parts = (s.chunk(field, num_words, num_lines, include_original, hash_original) for s in self)
        return self._with(self._of(piece.data for part in parts for piece in part))

    def choose_k(self, k: int, order_matters: bool = False) -> Self:
        """A scenario for each choice of `k` scenarios: field ``a`` of the first is ``a_1``, and so on.

        Parameters:
            k: how many are chosen.
            order_matters: whether the same ones in another order are another choice.

        Raises:
            ScenarioError: `k` is not from 1 to the number of scenarios, or there are too many choices.
        """
        chosen = self._choices(k, order_matters, "k")
        return self._with(
            self._of(
                {f"{name}_{place}": value for place, row in enumerate(rows, 1) for name, value in row.items()}
                for rows in chosen
            )
        )

    def create_comparisons(
        self,
        bidirectional: bool = False,
        num_options: int = 2,
        option_prefix: str = "option_",
        use_alphabet: bool = False,
    ) -> Self:
        """A scenario for each choice of scenarios to compare, which are dicts in ``option_1``, ``option_2``.

        Parameters:
            bidirectional: whether the same ones in another order are another comparison.
            num_options: how many are compared at a time.
            option_prefix: what the fields' names begin with.
            use_alphabet: whether the fields are called A, B and so on instead.

        Raises:
            ScenarioError: there are not so many scenarios, or too many comparisons.
        """
        chosen = self._choices(num_options, bidirectional, "num_options")
        if use_alphabet and num_options > len(ascii_uppercase):
            raise ScenarioError(
                "there are 26 letters",
                field="num_options",
                value=num_options,
                remedy="Leave use_alphabet out.",
            )
        prefix = self._new_name(option_prefix, "option_prefix") if option_prefix else ""
        names = [ascii_uppercase[i] if use_alphabet else f"{prefix}{i + 1}" for i in range(num_options)]
        columns = list(zip(*chosen, strict=True))
        return self.from_columns(dict(zip(names, columns, strict=True)) if columns else {})

    def _choices(self, count: int, ordered: bool, field: str) -> Iterator[Sequence[Mapping[str, Any]]]:
        """All choices of so many scenarios."""
        if _count(count, field, 1) > len(self):
            raise ScenarioError(
                f"there are only {len(self):,} scenarios", field=field, value=count, remedy="Choose fewer."
            )
        number = math.perm(len(self), count) if ordered else math.comb(len(self), count)
        if number > _MOST:
            raise ScenarioError(
                f"that makes more than {_MOST:,} choices",
                field=field,
                value=count,
                remedy="Draw a sample first.",
            )
        rows = [item.data for item in self]
        return permutations(rows, count) if ordered else combinations(rows, count)


def _count(value: Any, field: str, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ScenarioError(
            f"a whole number from {least} is wanted", field=field, value=value, remedy=f"Such as {field}=2."
        )
    return value


def _together(values: list[Any], separator: str | None, prefix: str, postfix: str) -> Any:
    """The values of a collapsed field, as a list or a text."""
    shown = [f"{prefix}{value}{postfix}" for value in values] if prefix or postfix else values
    return shown if separator is None else str(separator).join(map(str, shown))
