"""What `Results` and `Dataset` share: rows that have columns, which are chosen, put in order and drawn."""

from __future__ import annotations

import keyword
import math
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from edsl_nb.core import draws
from edsl_nb.core.cells import as_cell
from edsl_nb.core.errors import EdslNbError, ResultsError
from edsl_nb.core.expressions import expression
from edsl_nb.core.objects import Shown
from edsl_nb.results.naming import bare, flat, resolve, scopes
from edsl_nb.results.values import Values

if TYPE_CHECKING:
    from edsl_nb.results.dataset import Dataset


class Columnar(Shown):
    """Rows with columns. Verbs return something new, and leave this as it is."""

    error: ClassVar[type[EdslNbError]] = ResultsError

    @property
    @abstractmethod
    def columns(self) -> list[str]:
        """All column names."""

    @property
    @abstractmethod
    def note(self) -> str:
        """How much of a run this is, where it is not all of it: ``partial: 812 of 5,000``; else empty."""

    @abstractmethod
    def column(self, name: str) -> Values:
        """The values of a column, by its full name."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def _at(self, positions: Sequence[int]) -> Self:
        """The rows at some positions."""

    def _names(self, given: Iterable[Any], field: str) -> list[str]:
        """The columns that names stand for, all of them where none is given."""
        asked = flat(given, field)
        return resolve(asked, self.columns, field) if asked else self.columns

    def _name(self, given: Any, field: str) -> str:
        """The one column that a name stands for."""
        found = resolve(flat([given], field), self.columns, field)
        if len(found) != 1:
            raise ResultsError(
                "one column is wanted", field=field, value=given, remedy=f"Such as {found[0]!r}."
            )
        return found[0]

    def _dataset(self, columns: Mapping[str, Sequence[Any]]) -> Dataset:
        """Columns with what there is to say of these rows."""
        from edsl_nb.results.dataset import Dataset

        return Dataset(columns, title=type(self).__name__ if not self.note else "Results", note=self.note)

    # Columns

    def select(self, *names: str | Sequence[str]) -> Dataset:
        """Some columns.

        Parameters:
            names: full names (``answer.q``), bare names (``q``, ``persona``,
                ``model``) or globs (``agent.*``, ``*_comment``); all columns
                when left out. One list of names is fine too. A bare name that
                several columns have is refused, and they are named.

        Raises:
            ResultsError: a name stands for no column, or a bare one for several.

        Example:
            >>> from edsl_nb import Dataset
            >>> Dataset({"answer.q": ["Yes"], "agent.age": [20]}).select("age")
            Dataset(1 row: agent.age)
        """
        return self._dataset({name: self.column(name) for name in self._names(names, "select")})

    def drop(self, *names: str | Sequence[str]) -> Dataset:
        """All columns but some.

        Parameters:
            names: as for `select`.

        Raises:
            ResultsError: a name stands for no column.
        """
        gone = set(self._names(names, "drop")) if names else set[str]()
        return self._dataset({name: self.column(name) for name in self.columns if name not in gone})

    def rename(self, old: str | Mapping[str, str], new: str | None = None) -> Dataset:
        """All columns, some under new names.

        Parameters:
            old: a column, or a dict of new names by old ones. Where the old name
                is given without its prefix, the column keeps the prefix.
            new: the column's new name.

        Raises:
            ResultsError: a name stands for no column, or two columns would have one name.

        Example:
            >>> from edsl_nb import Dataset
            >>> Dataset({"answer.q": ["Yes"]}).rename("q", "tea").columns
            ['answer.tea']
        """
        asked: Mapping[Any, Any] = old if isinstance(old, Mapping) else {old: new}
        names: dict[str, str] = {}
        for before, after in asked.items():
            full = self._name(before, "rename")
            if not isinstance(after, str) or not after.strip():
                raise ResultsError("a name is wanted", field="rename", value=after, remedy="Such as 'age'.")
            prefix = full.removesuffix(bare(full)) if before != full and "." not in after else ""
            names[full] = prefix + after
        renamed = [names.get(name, name) for name in self.columns]
        twice = next((name for name in renamed if renamed.count(name) > 1), None) if names else None
        if twice is not None:
            raise ResultsError(
                "two columns would have this name", field="rename", value=twice, remedy="Choose another one."
            )
        return self._dataset(dict(zip(renamed, map(self.column, self.columns), strict=True)))

    # Rows

    def filter(self, text: str) -> Self:
        """The rows for which an expression holds.

        Parameters:
            text: such as ``"{{ answer.q }} == 'Yes'"`` or ``"age > 30 and model == 'gpt-4o'"``;
                names are columns, bare or prefixed, in braces or not;
                ``q.comment`` is what was said beside the answer to ``q``. A missing
                value is None, for which ``<``, ``>`` and ``in`` do not hold.

        Raises:
            ExpressionError: the text is no expression, or fails for a row.
            ResultsError: it names a column that is not there.

        Example:
            >>> from edsl_nb import Dataset
            >>> Dataset({"agent.age": [20, 60]}).filter("age > 30").to_list()
            [60]
        """
        wanted = expression(text)
        found = scopes(wanted, self.columns, self.column, len(self), "filter")
        return self._at([row for row, scope in enumerate(found) if wanted.evaluate(scope)])

    def order_by(self, *names: str | Sequence[str], reverse: bool = False) -> Self:
        """The rows in order of some columns; rows that are equal there stay in their order.

        Numbers come before texts, and rows with nothing there last, in either direction.

        Parameters:
            names: as for `select`; the first counts most.
            reverse: whether the largest come first.

        Raises:
            ResultsError: a name stands for no column.

        Example:
            >>> from edsl_nb import Dataset
            >>> Dataset({"agent.age": [60, None, 20]}).order_by("age").to_list()
            [20, 60, None]
        """
        if not names:
            raise ResultsError("a column is wanted", field="order_by", remedy="Such as order_by('age').")
        positions = list(range(len(self)))
        for name in reversed(self._names(names, "order_by")):
            values = list(self.column(name))
            empty = [p for p in positions if _missing(values[p])]
            positions = [p for p in positions if not _missing(values[p])]
            positions.sort(key=[_order(value) for value in values].__getitem__, reverse=bool(reverse))
            positions += empty
        return self._at(positions)

    def sort_by(self, *names: str | Sequence[str], reverse: bool = False) -> Self:
        """The same as `order_by`."""
        return self.order_by(*names, reverse=reverse)

    def head(self, n: int = 5) -> Self:
        """The first rows.

        Parameters:
            n: how many, at most.
        """
        return self._at(range(min(_count(n), len(self))))

    def tail(self, n: int = 5) -> Self:
        """The last rows.

        Parameters:
            n: how many, at most.
        """
        return self._at(range(max(len(self) - _count(n), 0), len(self)))

    def sample(self, n: int, seed: int | str | None = None) -> Self:
        """Some rows, drawn at random without putting back.

        Parameters:
            n: how many.
            seed: which draw; the same seed draws the same. Left out, it is always the same one.

        Returns:
            The rows, in the order drawn.

        Raises:
            ResultsError: there are not so many.
        """
        return self._at(draws.sample(len(self), n, seed, ResultsError, "row"))

    def shuffle(self, seed: int | str | None = None) -> Self:
        """The rows in random order.

        Parameters:
            seed: which order; the same seed gives the same. Left out, it is always the same one.
        """
        return self.sample(len(self), seed)

    def _computed(self, text: Any, functions: Any) -> tuple[str, list[Any]]:
        """The name and the values of a new column from ``"name = expression"``, which may call functions."""
        name, equals, rest = text.partition("=") if isinstance(text, str) else ("", "", "")
        name = name.strip()
        named = name.isidentifier() and not keyword.iskeyword(name)
        if not (equals and named and rest.strip()) or rest.startswith("="):
            raise ResultsError(
                "a name and an expression are wanted",
                field="mutate",
                value=text,
                remedy="Such as 'ratio = a / b'.",
            )
        wanted = expression(rest.strip(), _functions(functions))
        found = scopes(wanted, self.columns, self.column, len(self), "mutate")
        return name, [wanted.evaluate(scope) for scope in found]


def _functions(given: Any) -> Mapping[str, Callable[..., Any]] | None:
    named = cast(Mapping[Any, Any], given) if isinstance(given, Mapping) else {None: given}
    if given is None or all(isinstance(name, str) and callable(one) for name, one in named.items()):
        return given
    raise ResultsError(
        "functions by name are wanted",
        field="functions_dict",
        value=given,
        remedy="Such as mutate('long = size(text)', {'size': len}).",
    )


def _count(n: Any) -> int:
    if isinstance(n, bool) or not isinstance(n, int) or n < 0:
        raise ResultsError("a number of rows is wanted", field="n", value=n, remedy="Such as 5.")
    return n


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _order(value: Any) -> tuple[int, Any]:
    if isinstance(value, int | float):
        return 0, value
    if isinstance(value, str):
        return 1, value
    return 2, str(as_cell(cast(object, value)))
