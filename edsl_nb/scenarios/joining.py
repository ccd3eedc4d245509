"""Verbs that put two scenario lists side by side."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from edsl_nb.core.errors import ScenarioError, warn
from edsl_nb.core.objects import canonical
from edsl_nb.scenarios.base import ScenarioRows


class Joins(ScenarioRows):
    """Side by side, where fields are equal."""

    def left_join(self, other: ScenarioRows, by: str | Iterable[str]) -> Self:
        """Each scenario here with each there that is equal in some fields; with None where there is none.

        Parameters:
            other: the other list.
            by: the fields that have to be equal. None and NaN are equal to nothing.

        Raises:
            ScenarioError: some scenario has no such field.

        Warns:
            EdslNbWarning: both lists have a further field in common; the values here are kept.

        Example:
            >>> from edsl_nb import Scenario, ScenarioList
            >>> prices = ScenarioList([Scenario({"item": "tea", "price": 3})])
            >>> ScenarioList.from_list("item", ["tea", "milk"]).left_join(prices, by="item").to_dicts()
            [{'item': 'tea', 'price': 3}, {'item': 'milk', 'price': None}]
        """
        return self._joined_with(other, by, "left_join", keep=True)

    def inner_join(self, other: ScenarioRows, by: str | Iterable[str]) -> Self:
        """Each scenario here with each there that is equal in some fields. See `left_join`."""
        return self._joined_with(other, by, "inner_join", keep=False)

    def right_join(self, other: Self, by: str | Iterable[str]) -> Self:
        """Each scenario there with each here that is equal in some fields: ``other.left_join(self, by)``."""
        if not isinstance(other, Joins):
            raise _no_list(other, "right_join")
        return other.left_join(self, by)

    def _joined_with(self, other: ScenarioRows, by: str | Iterable[str], method: str, keep: bool) -> Self:
        """Both lists side by side; `keep` says whether scenarios stay that have no partner."""
        if not isinstance(other, ScenarioRows):
            raise _no_list(other, method)
        names = self._known([by], method)
        if not names:
            raise ScenarioError("a field is wanted", field="by", value=by, remedy="Such as by='id'.")
        other._require(names, method)
        fields = [name for name in other._field_names() if name not in names]
        both = [name for name in fields if name in set(self._field_names())]
        if both:
            warn(f"{method}: both lists have {', '.join(both)}; the values of the first list are kept.")
        partners: dict[str, list[dict[str, Any]]] = {}
        for record in other._records():
            partners.setdefault(_key(record, names), []).append(record)
        partners.pop("", None)
        nobody: list[dict[str, Any]] = [{}] if keep else []
        empty = dict.fromkeys(fields)
        return self._with(
            self._of(
                {**record, **{k: v for k, v in {**empty, **partner}.items() if k not in record}}
                for record in self._records()
                for partner in partners.get(_key(record, names), nobody)
            )
        )


def _key(record: dict[str, Any], names: list[str]) -> str:
    """Text that is equal for equal values; empty where one is missing."""
    values = [record[name] for name in names]
    return "" if any(value is None or value != value for value in values) else canonical(values)


def _no_list(other: Any, method: str) -> ScenarioError:
    return ScenarioError(
        "a scenario list is wanted", field=method, value=other, remedy="Such as ScenarioList([...])."
    )
