"""Lists of agents, scenarios and models: rows behind one small interface, objects made when looked at."""

from __future__ import annotations

import operator
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from typing import Any, ClassVar, Protocol, Self, TypeVar, cast, overload

from edsl_nb.core import draws
from edsl_nb.core.code import Call, briefly, counted, one_line
from edsl_nb.core.errors import EdslNbError, nearest
from edsl_nb.core.exports import Exported
from edsl_nb.core.expressions import Expression, expression
from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.core.objects import Built, listed, tagged, untagged
from edsl_nb.core.rows import (
    ColumnRows,
    JoinedRows,
    ObjectRows,
    ProductRows,
    Rows,
    SelectedRows,
    cells,
    objects_of,
)
from edsl_nb.core.tables import Column
from edsl_nb.core.templates import Fields

#: Lists up to this length are written whole by `repr`, of longer ones this much.
_WHOLE, _HEAD = 10, 5


class Listed(Protocol):
    """What a list needs of its objects."""

    def fields(self) -> dict[str, Any]:
        """What a table shows of the object, by column."""
        ...

    def to_dict(self) -> dict[str, Any]: ...

    def functions(self) -> Iterable[str]: ...


ListedT = TypeVar("ListedT", bound=Listed)


class ObjectList(Exported, Built, Sequence[ListedT]):
    """A list of agents, scenarios or models.

    `a + b` puts two lists one after the other, `a * b` merges each of `a` with
    each of `b` (left slowest, nothing is built until looked at), slices select.
    What is random, such as `sample`, is the same every time unless a seed is given.

    Parameters:
        data: the objects; any iterable.

    Class attributes:
        kind, noun: what the objects are, for Python and for people.
        rows_key: where EDSL's JSON holds them.
        error: what mistakes are reported as.

    Raises:
        EdslNbError: an item is of another kind; the message names its position.
    """

    kind: ClassVar[type[Any]]
    noun: ClassVar[str]
    rows_key: ClassVar[str]  # pyright: ignore[reportIncompatibleVariableOverride] # lists always have rows
    error: ClassVar[type[EdslNbError]] = EdslNbError

    def __init__(self, data: Iterable[ListedT] | None = None) -> None:
        self._extras: dict[str, Any] = {}
        self._rows: Rows[ListedT] = (
            data._rows if isinstance(data, type(self)) else ObjectRows(self._checked(data))
        )

    @classmethod
    def _checked(cls, data: Iterable[ListedT] | None) -> tuple[ListedT, ...]:
        """The objects that a list is made of."""
        if data is None:
            return ()
        if isinstance(data, (str, bytes, dict, cls.kind)) or not isinstance(data, Iterable):
            raise cls.error(
                f"a list of {cls.noun}s is wanted",
                field=cls.__name__,
                value=data,
                remedy=f"Such as {cls.__name__}([{cls.kind.__name__}(...)]).",
            )
        if hasattr(data, "iloc") and hasattr(cls, "from_source"):
            remedy = f"{cls.__name__}.from_source(...) makes one of its rows."
            raise cls.error("this is a data frame", field=cls.__name__, remedy=remedy)
        objects = tuple(data)
        for position, item in enumerate(objects):
            if not isinstance(item, cls.kind):
                raise cls.error(
                    f"item {position} is of type {type(item).__name__}, not {cls.kind.__name__}",
                    field=cls.__name__,
                    value=item,
                    remedy=f"Make it one: {cls.kind.__name__}(...).",
                )
        return objects

    @classmethod
    def from_rows(cls, rows: Rows[ListedT]) -> Self:
        """A list over rows of any kind."""
        made = cls()
        made._rows = rows
        return made

    def _with(self, rows: Rows[ListedT]) -> Self:
        """A list over other rows; what belongs to the list as a whole stays."""
        made = copy(self)
        made._rows, made._extras = rows, dict(self._extras)
        return made

    @classmethod
    def _of_values(cls, name: str, values: Iterable[Any], **more: Any) -> Self:
        if not isinstance(name, str):
            raise cls.error("a name is a text", field="name", value=name, remedy="Such as 'age'.")
        return cls((cls.kind({name: value}) for value in cls._many(values, "values")), **more)

    @classmethod
    def _many(cls, values: Any, field: str) -> Iterable[Any]:
        """Values that have to be several."""
        if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
            raise cls.error(
                "a list of values is wanted", field=field, value=values, remedy="Such as [20, 60]."
            )
        return cast(Iterable[Any], values)

    @property
    def rows(self) -> Rows[ListedT]:
        """Where the objects come from."""
        return self._rows

    # A sequence

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> ListedT: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> ListedT | Self:
        if isinstance(index, slice):
            return self._with(SelectedRows(self._rows, range(len(self))[index]))
        try:
            position = operator.index(index)
        except TypeError:
            raise self.error(
                f"a position is wanted, or a slice, of the {self.noun}s",
                field=f"{type(self).__name__}[...]",
                value=index,
                remedy="Such as [0] or [:3]; select(name).to_list() gives the values of a field.",
            ) from None
        count = len(self)
        if not -count <= position < count:
            raise IndexError(f"{type(self).__name__} has {count} items, no item {position}")
        return self._rows[position % count]

    def __iter__(self) -> Iterator[ListedT]:
        return objects_of(self._rows)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def _more(self, other: Iterable[ListedT] | ListedT) -> Rows[ListedT]:
        """The rows of what is put to this list: a list, or a single object."""
        if isinstance(other, type(self)):
            return other._rows
        if isinstance(other, self.kind):
            return ObjectRows([cast(ListedT, other)])
        return ObjectRows(self._checked(cast(Iterable[ListedT], other)))

    def __add__(self, other: Iterable[ListedT] | ListedT) -> Self:
        return self._with(JoinedRows(self._rows, self._more(other)))

    def append(self, item: ListedT) -> None:
        """Put an object at the end of this list.

        Raises:
            EdslNbError: it is of another kind.
        """
        self._rows = JoinedRows(self._rows, ObjectRows(self._checked([item])))

    def extend(self, items: Iterable[ListedT]) -> None:
        """Put objects at the end of this list.

        Raises:
            EdslNbError: one is of another kind.
        """
        self._rows = JoinedRows(self._rows, self._more(items))

    def _product(
        self, other: Iterable[ListedT] | ListedT, merge: Callable[[ListedT, ListedT], ListedT]
    ) -> Self:
        return self._with(ProductRows(self._rows, self._more(other), merge))

    # Selecting

    def filter(self, text: str) -> Self:
        """The objects for which an expression holds.

        Parameters:
            text: such as ``"age > 30 and mood == 'sad'"``; names are fields, bare
                or in braces, with or without what they are a field of:
                ``{{ agent.age }} > 30``.

        Returns:
            A new list.

        Raises:
            ExpressionError: the text is no expression, or fails for an object.
            EdslNbError: it names a field that some object has not.

        Example:
            >>> from edsl_nb import ScenarioList
            >>> len(ScenarioList.from_list("x", [1, 2, 3]).filter("x > 1"))
            2
        """
        wanted = expression(text)
        scopes = self._scopes(wanted, "filter")
        kept = (index for index, scope in enumerate(scopes) if wanted.evaluate(scope))
        return self._with(SelectedRows(self._rows, array("q", kept)))

    def _scopes(self, wanted: Expression, method: str) -> Iterator[dict[str, Any]]:
        """What the names in an expression stand for, for each object in turn.

        Raises:
            EdslNbError: some object has not what a name stands for.
        """
        names = {
            reference.field if reference.root == self.noun and reference.field else reference.root
            for reference in wanted.names
        }
        self._require(names, method)
        rows = self._rows
        if isinstance(rows, ColumnRows):
            columns = [rows.columns[name] for name in names]
            every = (dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True))
            found = every if columns else ({} for _ in range(len(self)))
        else:
            found = map(self._scope, objects_of(rows))
        if any(reference.root == self.noun for reference in wanted.names):
            return ({**scope, self.noun: Fields(scope)} for scope in found)
        return found

    def _scope(self, item: ListedT) -> dict[str, Any]:
        """The fields of an object that expressions know."""
        return item.fields()

    def sample(self, n: int, seed: int | str | None = None) -> Self:
        """Some of the objects, drawn at random without putting back.

        Parameters:
            n: how many.
            seed: which draw; the same seed draws the same. Left out, it is always the same one.

        Returns:
            A new list, in the order drawn.

        Raises:
            EdslNbError: there are not so many.
        """
        return self._with(SelectedRows(self._rows, draws.sample(len(self), n, seed, self.error, self.noun)))

    def shuffle(self, seed: int | str | None = None) -> Self:
        """The objects in random order.

        Parameters:
            seed: which order; the same seed gives the same. Left out, it is always the same one.

        Returns:
            A new list.
        """
        return self.sample(len(self), seed)

    def split(self, frac_left: float = 0.5, seed: int | str | None = None) -> tuple[Self, Self]:
        """Two lists, into which the objects go at random.

        Parameters:
            frac_left: the share of the first list, from 0 to 1; rounded down to whole objects.
            seed: which draw, as for `sample`.
        """
        cut, mixed = draws.share(len(self), frac_left, "frac_left", self.error), self.shuffle(seed)
        return mixed[:cut], mixed[cut:]

    def unique(self) -> Self:
        """The objects without those that are equal to an earlier one, as a new list."""
        first: dict[ListedT, int] = {}
        for index, item in enumerate(self):
            first.setdefault(item, index)
        return self._with(SelectedRows(self._rows, array("q", first.values())))

    # Fields

    def _field_names(self) -> list[str]:
        """The names of all fields, in the order in which the objects have them."""
        rows = self._rows
        if isinstance(rows, ColumnRows):
            return list(rows.columns)
        sets = rows.field_sets(lambda item: frozenset(self._scope(item)))
        return list(dict.fromkeys(name for index in sets.values() for name in self._scope(rows[index])))

    def _require(self, names: Iterable[str], method: str) -> None:
        """Raise unless every object has each of these fields."""
        rows, asked = self._rows, list(names)
        if isinstance(rows, ColumnRows):
            sets = {frozenset(rows.columns): 0}  # columns have names, even if nothing is in them
        else:
            sets = rows.field_sets(lambda item: frozenset(self._scope(item)))
        for fields, index in sets.items():
            for name in asked:
                if not isinstance(name, str):
                    raise self.error("a name is a text", field=method, value=name, remedy="Such as 'age'.")
                if name not in fields:
                    raise self.error(
                        f"{self.noun} {index} has no such field",
                        field=method,
                        value=name,
                        remedy=nearest(name, fields),
                    )

    def as_table(self) -> MemoryTable:
        """The objects, a row each, to be shown page by page."""
        columns = [Column(name, sortable=True) for name in self._shown_names()]
        return MemoryTable(f"{self.noun.capitalize()}s", columns, len(self), cells(self._rows))

    def _shown_names(self) -> list[str]:
        """The names of the fields that a table shows, in the order in which the objects have them."""
        rows = self._rows
        if isinstance(rows, ColumnRows):
            return list(rows.columns)
        sets = rows.field_sets(lambda item: frozenset(item.fields()))
        return list(dict.fromkeys(name for first in sets.values() for name in rows[first].fields()))

    # EDSL's JSON

    def to_dict(self) -> dict[str, Any]:
        """The list in EDSL's JSON."""
        return tagged({**self._json_head(), self.rows_key: list(self._json_rows())}, type(self).__name__)

    def _json_head(self) -> dict[str, Any]:
        return dict(self._extras)

    def _json_rows(self) -> Iterator[dict[str, Any]]:
        return (item.to_dict() for item in self)

    def _records(self) -> Iterator[dict[str, Any]]:
        rows = self._rows
        if isinstance(rows, ColumnRows) and rows.columns:
            names = tuple(rows.columns)
            return (
                dict(zip(names, values, strict=True)) for values in zip(*rows.columns.values(), strict=True)
            )
        return (item.fields() for item in objects_of(rows))

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The list that `to_dict` wrote, here or in EDSL.

        Raises:
            EdslNbError: it is no such JSON.
        """
        fields = untagged(data, cls.__name__)
        made = cls(cls.kind.from_dict(row) for row in listed(fields, cls.rows_key, cls.__name__))
        made._extras = fields
        return made

    def as_call(self) -> Call:
        if self._extras:  # what newer versions have added is no parameter
            return Call(type(self), (self.to_dict(),), method="from_dict")
        return Call(type(self), (list(self),), self._arguments())

    def functions(self) -> Iterable[str]:
        return (name for item in self for name in item.functions())

    def _arguments(self) -> dict[str, Any]:
        """The parameters beside the objects that make an equal list."""
        return {}

    def __repr__(self) -> str:
        if len(self) <= _WHOLE:
            return one_line(self)
        shown = ", ".join(one_line(item) for item in self[:_HEAD])
        return f"{type(self).__name__}([{shown}, ... {len(self):,} {self.noun}s])"

    def in_short(self) -> str:
        """How many there are, and their fields."""
        names = ", ".join(self._shown_names())
        count = counted(len(self), self.noun)
        return f"{type(self).__name__}: {count}" + (f" with {briefly(names)}" if names else "")
