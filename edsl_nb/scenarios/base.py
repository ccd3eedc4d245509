"""What all verbs of a `ScenarioList` stand on: rows that are objects or columns, and a codebook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self

from edsl_nb.core.errors import EdslNbError, ScenarioError, nearest
from edsl_nb.core.frozen import frozen
from edsl_nb.core.lists import ObjectList
from edsl_nb.core.rows import Change, ColumnRows, ObjectRows, Rows, mapped
from edsl_nb.scenarios.scenario import Scenario, checked_name, flat_names, of_row


class ScenarioRows(ObjectList[Scenario]):
    """A list of scenarios that can be made of rows and columns. See `ScenarioList`."""

    kind = Scenario
    noun: ClassVar[str] = "scenario"
    rows_key: ClassVar[str] = "scenarios"
    error: ClassVar[type[EdslNbError]] = ScenarioError

    def __init__(
        self, data: Iterable[Scenario] | None = None, codebook: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(data)
        given = data.codebook if codebook is None and isinstance(data, ScenarioRows) else codebook
        self._codebook = checked_codebook(given, ScenarioError)

    @property
    def codebook(self) -> dict[str, str]:
        """What fields mean, by field; written with the list, and not told to models."""
        return dict(self._codebook)

    @classmethod
    def _of(cls, records: Iterable[Mapping[str, Any]]) -> Rows[Scenario]:
        return ObjectRows(Scenario(record) for record in records)

    @classmethod
    def from_columns(
        cls,
        columns: Mapping[str, Sequence[Any]],
        codebook: Mapping[str, str] | None = None,
        count: int | None = None,
    ) -> Self:
        """A list whose values stay columns: a scenario is made when one is looked at.

        Parameters:
            columns: field -> values, all of one length; they must not be changed afterwards.
            codebook: what fields mean.
            count: how many scenarios there are, where there are no columns.
        """
        made = cls(codebook=codebook)
        made._rows = ColumnRows(columns, of_row, count)
        return made

    def _columns(self) -> ColumnRows[Scenario] | None:
        """The rows, where they are columns."""
        rows = self._rows
        return rows if isinstance(rows, ColumnRows) else None

    def _changed(self, change: Change[Scenario]) -> Self:
        """Each scenario changed; when it is looked at, where there are no objects yet."""
        return self._with(mapped(self._rows, change))

    def _with_columns(self, new: Mapping[str, Sequence[Any]]) -> Self:
        """The list with these values for these fields, new or not."""
        rows = self._columns()
        if rows is not None:
            return self._with(rows.with_columns({**rows.columns, **new}))
        pairs = enumerate(self)
        records = ({**item.data, **{name: values[i] for name, values in new.items()}} for i, item in pairs)
        return self._with(self._of(records))

    def _values(self, field: str, method: str) -> Iterator[Any]:
        """The values of a field."""
        self._require([checked_name(field, method)], method)
        rows = self._columns()
        return iter(rows.columns[field]) if rows is not None else (item.data[field] for item in self)

    def _known(self, names: Iterable[Any], method: str) -> list[str]:
        """Names given one by one or as lists, all of which every scenario has."""
        asked = flat_names(names, method)
        self._require(asked, method)
        return asked

    def _new_name(self, name: Any, field: str) -> str:
        """A name that a method is given for a field."""
        return checked_name(name, field)

    def _call(self, func: Callable[..., Any], *args: Any, index: int) -> Any:
        """What a user's function returns, kept unchangeable.

        Raises:
            ScenarioError: it fails; names the scenario.
        """
        try:
            found = func(*args)
        except Exception as failure:
            raise ScenarioError(
                f"the function fails for scenario {index}: {type(failure).__name__}: {failure}",
                field="func",
                value=func,
                remedy="Try it on that value.",
            ) from failure
        return frozen(found, Scenario, "data")

    def _callable(self, func: Any) -> None:
        if not callable(func):
            raise ScenarioError("a function is wanted", field="func", value=func, remedy="Such as str.upper.")

    def _json_head(self) -> dict[str, Any]:
        about = {"codebook": dict(self._codebook)} if self._codebook else {}
        return {**super()._json_head(), **about}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The list that `to_dict` wrote, here or in EDSL.

        Raises:
            EdslNbError: it is no such JSON.
        """
        made = super().from_dict(data)
        made._codebook = checked_codebook(made._extras.pop("codebook", None), ScenarioError)
        return made

    def _arguments(self) -> dict[str, Any]:
        return {"codebook": self._codebook} if self._codebook else {}

    def __eq__(self, other: object) -> bool:
        same = super().__eq__(other)
        if same is True and isinstance(other, ScenarioRows):
            return self._codebook == other._codebook
        return same

    __hash__ = None  # type: ignore[assignment]


def checked_codebook(codebook: Any, error: type[EdslNbError]) -> dict[str, str]:
    """A copy of a codebook: texts by name.

    Raises:
        EdslNbError: of the kind given; it is none.
    """
    if codebook is None:
        return {}
    if not isinstance(codebook, Mapping):
        raise error(
            "a dict of descriptions by name is wanted",
            field="codebook",
            value=codebook,
            remedy='Such as codebook={"age": "Age in years"}.',
        )
    for name, text in codebook.items():
        if not isinstance(name, str) or not isinstance(text, str):
            raise error(
                "names and descriptions are texts",
                field="codebook",
                value={name: text},
                remedy='Such as codebook={"age": "Age in years"}.',
            )
    return {**codebook}


def choice(value: Any, choices: Iterable[str], field: str) -> None:
    """Raise unless a parameter is one of a few words."""
    known = list(choices)
    if value not in known:
        raise ScenarioError(
            f"{' or '.join(map(repr, known))} is wanted",
            field=field,
            value=value,
            remedy=nearest(value, known),
        )
