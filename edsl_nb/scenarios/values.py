"""Verbs of scenario lists that add and change values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self, cast

from edsl_nb.core.errors import ScenarioError
from edsl_nb.core.expressions import expression
from edsl_nb.core.frozen import frozen
from edsl_nb.scenarios.base import ScenarioRows, choice
from edsl_nb.scenarios.scenario import Scenario
from edsl_nb.scenarios.texts import is_missing, number

#: A changed value, from a value.
_Value = Callable[[Any], Any]


class ValueVerbs(ScenarioRows):
    """Adding and changing values."""

    def add_value(self, name: str, value: Any) -> Self:
        """The scenarios with one more field that has the same value in all, or with that value for a field.

        Parameters:
            name: the field.
            value: its value.

        Example:
            >>> from edsl_nb import ScenarioList
            >>> ScenarioList.from_list("a", [1, 2]).add_value("b", 0).to_dicts()
            [{'a': 1, 'b': 0}, {'a': 2, 'b': 0}]
        """
        field, kept = self._new_name(name, "name"), frozen(value, Scenario, "value")
        if self._columns() is not None:
            return self._with_columns({field: [kept] * len(self)})
        return self._changed(_Added(field, kept))

    def add_list(self, name: str, values: Iterable[Any]) -> Self:
        """The scenarios with one more field, which has a value of its own in each.

        Parameters:
            name: the field.
            values: as many as there are scenarios.

        Raises:
            ScenarioError: there are more or fewer values than scenarios.
        """
        found = [frozen(value, Scenario, "values") for value in self._many(values, "values")]
        if len(found) != len(self):
            raise ScenarioError(
                f"there are {len(self):,} scenarios and {len(found):,} values",
                field="values",
                value=found,
                remedy="Give one for each scenario.",
            )
        return self._with_columns({self._new_name(name, "name"): found})

    def mutate(self, new_var_string: str) -> Self:
        """The scenarios with a field that is computed from others.

        Parameters:
            new_var_string: a name and an expression, such as ``"ratio = a / b"``.
                See `filter` for expressions; `transform` takes a function.

        Raises:
            ScenarioError: it is no name and expression, or some scenario has not a field that is used.
            ExpressionError: the expression is wrong, or fails for a scenario.

        Example:
            >>> from edsl_nb import ScenarioList
            >>> ScenarioList.from_list("a", [1, 2]).mutate("b = a * 2").to_dicts()
            [{'a': 1, 'b': 2}, {'a': 2, 'b': 4}]
        """
        name, equals, text = (
            new_var_string.partition("=") if isinstance(new_var_string, str) else ("", "", "")
        )
        if not (equals and name.strip() and text.strip()) or text.startswith("="):
            raise ScenarioError(
                "a name and an expression are wanted",
                field="mutate",
                value=new_var_string,
                remedy="Such as 'ratio = a / b'.",
            )
        wanted = expression(text.strip())
        found = [wanted.evaluate(scope) for scope in self._scopes(wanted, "mutate")]
        return self._with_columns({name.strip(): found})

    def transform(self, field: str, func: Callable[[Any], Any], new_name: str | None = None) -> Self:
        """The scenarios with a function applied to a field.

        Parameters:
            field: the field.
            func: gets the value, and returns the new one.
            new_name: the field for the new values; else they take the old ones' place.

        Raises:
            ScenarioError: some scenario has no such field, or the function fails.

        Example:
            >>> from edsl_nb import ScenarioList
            >>> ScenarioList.from_list("a", ["x"]).transform("a", str.upper).to_dicts()
            [{'a': 'X'}]
        """
        self._callable(func)
        target = field if new_name is None else self._new_name(new_name, "new_name")
        values = enumerate(self._values(field, "transform"))
        return self._with_columns({target: [self._call(func, value, index=i) for i, value in values]})

    def apply(
        self, func: Callable[[Any], Any], field: str, new_name: str | None = None, replace: bool = False
    ) -> Self:
        """The same as `transform`, with the parameters in another order.

        Parameters:
            func: gets the value, and returns the new one.
            field: the field.
            new_name: the field for the new values.
            replace: whether the old field goes, where the new one has another name.
        """
        made = self.transform(field, func, new_name)
        return made._without(field) if replace and new_name not in (None, field) else made

    def fillna(self, value: Any = "") -> Self:
        """The scenarios with a value in place of what is missing: None, NaN and empty texts.

        Parameters:
            value: what is put there.
        """
        filling = frozen(value, Scenario, "value")
        return self._each_value(lambda old: filling if is_missing(old) or old == "" else old)

    def numberify(self) -> Self:
        """The scenarios with numbers in place of texts that are numbers, since CSV files hold only texts.

        Texts that only look like numbers stay, such as ``007`` and ``1,000``.

        Example:
            >>> from edsl_nb import ScenarioList
            >>> ScenarioList.from_list("x", ["1", "2.5", "007", "two"]).numberify().to_list()
            [1, 2.5, '007', 'two']
        """
        return self._each_value(number)

    def replace_values(self, replacements: Mapping[Any, Any]) -> Self:
        """The scenarios with other values in place of some, in whatever field they are.

        Parameters:
            replacements: new values by old ones.
        """
        if not isinstance(replacements, Mapping):
            raise ScenarioError(
                "new values by old ones are wanted",
                field="replacements",
                value=replacements,
                remedy='Such as {"old": "new"}.',
            )
        # 1, 1.0 and True are one key of a dict, but not one value.
        new = {
            (type(old), old): frozen(value, Scenario, "replacements") for old, value in replacements.items()
        }
        atoms = (str, int, float, bool, type(None))
        return self._each_value(lambda old: new.get((type(old), old), old) if isinstance(old, atoms) else old)

    def string_cat(self, key: str, addend: str, position: str = "suffix") -> Self:
        """The scenarios with a text put to the text of a field.

        Parameters:
            key: the field.
            addend: the text.
            position: ``"suffix"`` to put it behind, ``"prefix"`` before.

        Raises:
            ScenarioError: some scenario has no such field, or no text there.
        """
        if not isinstance(addend, str):
            raise ScenarioError("a text is wanted", field="addend", value=addend, remedy="Put it in quotes.")
        choice(position, ("suffix", "prefix"), "position")
        found: list[str] = []
        for index, value in enumerate(self._values(key, "string_cat")):
            if not isinstance(value, str):
                raise ScenarioError(
                    f"scenario {index} has no text there",
                    field=key,
                    value=value,
                    remedy="Name a field of texts.",
                )
            found.append(value + addend if position == "suffix" else addend + value)
        return self._with_columns({key: found})

    def concatenate(
        self,
        fields: Iterable[str],
        separator: str = ";",
        prefix: str = "",
        postfix: str = "",
        new_field_name: str | None = None,
    ) -> Self:
        """The scenarios with several fields joined to one text.

        Parameters:
            fields: the fields, which go.
            separator: what is put between values.
            prefix: what is put before each value.
            postfix: what is put behind each value.
            new_field_name: the field of the text, ``concat_a_b`` for fields a and b if left out.

        Raises:
            ScenarioError: some scenario has no such field.

        Example:
            >>> from edsl_nb import Scenario, ScenarioList
            >>> ScenarioList([Scenario({"a": 1, "b": 2})]).concatenate(["a", "b"]).to_dicts()
            [{'concat_a_b': '1;2'}]
        """
        if not isinstance(separator, str):
            raise ScenarioError("a text is wanted", field="separator", value=separator, remedy="Such as ';'.")
        joined = self._joined(fields, prefix, postfix, "concatenate")
        texts = [separator.join(map(str, values)) for values in joined]
        return self._in_place_of(fields, texts, new_field_name)

    def concatenate_to_list(
        self, fields: Iterable[str], prefix: str = "", postfix: str = "", new_field_name: str | None = None
    ) -> Self:
        """The scenarios with several fields as one list. See `concatenate`."""
        lists = self._joined(fields, prefix, postfix, "concatenate_to_list")
        return self._in_place_of(fields, lists, new_field_name)

    def _joined(self, fields: Iterable[str], prefix: str, postfix: str, method: str) -> list[list[Any]]:
        asked = self._known([fields], method)
        if not asked:
            raise ScenarioError(
                "fields are wanted", field="fields", value=fields, remedy='Such as ["a", "b"].'
            )
        columns = [self._values(name, method) for name in asked]
        if not (prefix or postfix):
            return [list(values) for values in zip(*columns, strict=True)]
        return [[f"{prefix}{value}{postfix}" for value in values] for values in zip(*columns, strict=True)]

    def _in_place_of(self, fields: Iterable[str], values: list[Any], new_field_name: str | None) -> Self:
        names = self._known([fields], "fields")
        usual = f"concat_{'_'.join(names)}"
        target = usual if new_field_name is None else self._new_name(new_field_name, "new_field_name")
        return self._without(*(name for name in names if name != target))._with_columns(
            {target: [frozen(value, Scenario, target) for value in values]}
        )

    def unpack(self, field: str, new_names: Iterable[str] | None = None, keep_original: bool = True) -> Self:
        """The scenarios with a field for each item of a list, ``field_0``, ``field_1`` and so on.

        Where a list is shorter than the longest, its last fields are None.

        Parameters:
            field: the field with the lists.
            new_names: the new fields, as many as the longest list has items.
            keep_original: whether the field with the lists stays.

        Raises:
            ScenarioError: some scenario has no such field, or no list there.
        """
        lists: list[list[Any]] = []
        for index, value in enumerate(self._values(field, "unpack")):
            if not isinstance(value, list | tuple):
                raise ScenarioError(
                    f"scenario {index} has no list there",
                    field=field,
                    value=value,
                    remedy="Name a field of lists.",
                )
            lists.append(list(cast("list[Any]", value)))
        longest = max(map(len, lists), default=0)
        usual = [f"{field}_{i}" for i in range(longest)]
        names = usual if new_names is None else self._names_for(new_names, longest)
        left = self if keep_original else self._without(field)
        return left._with_columns(
            {name: [row[i] if i < len(row) else None for row in lists] for i, name in enumerate(names)}
        )

    def _names_for(self, new_names: Iterable[str], count: int) -> list[str]:
        names = [self._new_name(name, "new_names") for name in self._many(new_names, "new_names")]
        if len(names) != count or len(set(names)) != count:
            raise ScenarioError(
                f"{count} different names are wanted",
                field="new_names",
                value=names,
                remedy="Name each item of the longest list.",
            )
        return names

    def unpack_dict(self, field: str, prefix: str | None = None, drop_field: bool = False) -> Self:
        """The scenarios with a field for each entry of a dict.

        Parameters:
            field: the field with the dicts.
            prefix: what is put before the names of the entries.
            drop_field: whether the field with the dicts goes.

        Raises:
            ScenarioError: some scenario has no such field, or no dict there.
        """
        before, found = prefix or "", list[dict[str, Any]]()
        for index, value in enumerate(self._values(field, "unpack_dict")):
            if not isinstance(value, Mapping):
                raise ScenarioError(
                    f"scenario {index} has no dict there",
                    field=field,
                    value=value,
                    remedy="Name a field of dicts.",
                )
            found.append({f"{before}{name}": entry for name, entry in value.items()})
        left = self._without(field) if drop_field else self
        records = ({**old.data, **new} for old, new in zip(left, found, strict=True))
        return self._with(self._of(records))

    def zip(self, field_a: str, field_b: str, new_name: str) -> Self:
        """The scenarios with a dict made of two lists, one of its names and one of its values.

        Parameters:
            field_a: the field with the names.
            field_b: the field with the values.
            new_name: the field for the dict.

        Raises:
            ScenarioError: some scenario has not these fields, or no lists of equal length there.
        """
        pairs = zip(self._values(field_a, "zip"), self._values(field_b, "zip"), strict=True)
        found: list[dict[str, Any]] = []
        for index, (names, values) in enumerate(pairs):
            lists = isinstance(names, list | tuple) and isinstance(values, list | tuple)
            if not lists or len(cast("list[Any]", names)) != len(cast("list[Any]", values)):
                raise ScenarioError(
                    f"scenario {index} has no two lists of equal length there",
                    field="zip",
                    value=(names, values),
                    remedy="Name fields with lists.",
                )
            found.append(dict(zip(map(str, names), values, strict=True)))
        return self._with_columns({self._new_name(new_name, "new_name"): found})

    def _without(self, *names: str) -> Self:
        """The scenarios without fields that they have."""
        rows = self._columns()
        if rows is not None:
            return self._with(
                rows.with_columns(
                    {name: values for name, values in rows.columns.items() if name not in names}
                )
            )
        return self._with(
            self._of({name: v for name, v in item.data.items() if name not in names} for item in self)
        )

    def _each_value(self, change: _Value) -> Self:
        """Every value changed by a function of ours."""
        rows = self._columns()
        if rows is not None:
            changed = {name: [change(value) for value in values] for name, values in rows.columns.items()}
            return self._with(rows.with_columns(changed))
        return self._with(
            self._of({name: change(value) for name, value in item.data.items()} for item in self)
        )


class _Added:
    """One more value, the same for each scenario."""

    __slots__ = ("_name", "_value")

    def __init__(self, name: str, value: Any) -> None:
        self._name, self._value = name, value

    def __call__(self, item: Scenario, index: int) -> Scenario:
        return Scenario({**item.data, self._name: self._value})
