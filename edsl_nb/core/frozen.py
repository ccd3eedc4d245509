"""What immutable objects hold: dicts, lists and sets that cannot be changed, at any depth."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, ClassVar, NoReturn, Protocol, cast

from edsl_nb.core.errors import EdslNbError

#: Deeper values are refused: nobody means them, and JSON cannot write them.
DEEPEST = 100
#: Bits of the longest number that can be written down.
_LONGEST_NUMBER = 13_000
#: What needs no freezing.
ATOMS = frozenset({str, float, bool, type(None), bytes})

_OPEN = object()


class Owner(Protocol):
    """A class whose objects hold frozen values."""

    __name__: str
    error: ClassVar[type[EdslNbError]]
    change: ClassVar[str]


#: Whose value it is, and in which field.
Place = tuple[type[Owner], str]


def refuse_change(owner: type[Owner], field: str, value: object) -> NoReturn:
    """Raise because somebody wants to change an immutable object."""
    raise owner.error(
        f"{owner.__name__} objects cannot be changed once made",
        field=field,
        value=value,
        remedy=owner.change,
    )


class FrozenDict(dict[Any, Any]):
    """A dict that cannot be changed. Copies of it are plain dicts."""

    __slots__ = ("_place",)
    _place: Place

    def __reduce__(self) -> tuple[Any, ...]:
        return frozen, (plain(self), *self._place)

    def __copy__(self) -> dict[Any, Any]:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[Any, Any]:
        return copy.deepcopy(plain(self), memo)


class FrozenList(list[Any]):
    """A list that cannot be changed. Copies of it are plain lists."""

    __slots__ = ("_place",)
    _place: Place

    def __reduce__(self) -> tuple[Any, ...]:
        return frozen, (plain(self), *self._place)

    def __copy__(self) -> list[Any]:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> list[Any]:
        return copy.deepcopy(plain(self), memo)


class FrozenSet(set[Any]):
    """A set that cannot be changed, and is shown as a plain one. Copies of it are plain sets."""

    __slots__ = ("_place",)
    _place: Place

    def __reduce__(self) -> tuple[Any, ...]:
        return frozen, (plain(self), *self._place)

    def __copy__(self) -> set[Any]:
        return set(self)

    copy = __copy__

    def __deepcopy__(self, memo: dict[int, Any]) -> set[Any]:
        return set(self)

    def __repr__(self) -> str:
        return repr(set(self))


_Frozen = FrozenDict | FrozenList | FrozenSet


def _refusing(method: str) -> Callable[..., NoReturn]:
    def refuse(self: _Frozen, *args: Any, **kwargs: Any) -> NoReturn:
        owner, field = self._place  # pyright: ignore[reportPrivateUsage]
        refuse_change(owner, field, args[-1] if args else kwargs or self)

    refuse.__name__ = method
    return refuse


_CHANGES: dict[type[Any], str] = {
    FrozenDict: "__setitem__ __delitem__ __ior__ clear pop popitem setdefault update",
    FrozenList: "__setitem__ __delitem__ __iadd__ __imul__ "
    "append clear extend insert pop remove reverse sort",
    FrozenSet: "__iand__ __ior__ __isub__ __ixor__ add clear discard pop remove update "
    "difference_update intersection_update symmetric_difference_update",
}

for _kind, _methods in _CHANGES.items():
    for _method in _methods.split():
        setattr(_kind, _method, _refusing(_method))


def frozen(value: Any, owner: type[Owner], field: str) -> Any:
    """A value whose dicts, lists and sets cannot be changed, at any depth.

    They are equal to the plain ones, look like them and are written to JSON
    like them. Other kinds of objects stay as they are.

    Parameters:
        value: any value; it is copied, not changed.
        owner: the class whose objects hold it. Attempts to change it raise the
            class's `error` with the class's `change` as the remedy.
        field: the field it is in, for messages.

    Raises:
        EdslNbError: the value holds itself, is nested too deeply, or has a number too long to be written.

    Example:
        >>> from edsl_nb import Agent
        >>> traits = frozen({"age": [20]}, Agent, "traits")
        >>> traits == {"age": [20]}
        True
    """
    kind = type(value)
    if kind in ATOMS:
        return value
    place = (owner, field)
    if kind is dict and ATOMS.issuperset(map(type, value)) and ATOMS.issuperset(map(type, value.values())):
        made = FrozenDict(value)  # most are like that
        made._place = place  # pyright: ignore[reportPrivateUsage]
        return made
    return _freeze(value, place, {}, 0)


def _freeze(value: Any, place: Place, seen: dict[int, Any], depth: int) -> Any:
    kind = type(value)
    if kind in ATOMS:
        return value
    if kind is int:
        if value.bit_length() > _LONGEST_NUMBER:
            _refuse("a number of more than 3,900 digits cannot be kept", place, value, "Round it.")
        return value
    if not isinstance(value, dict | list | tuple | set):
        return value
    if isinstance(value, _Frozen) and value._place == place:  # pyright: ignore[reportPrivateUsage]
        return cast(Any, value)
    found = seen.get(id(cast(Any, value)))
    if found is _OPEN:
        _refuse("a value cannot hold itself", place, value, "Write it out as far as it is needed.")
    if found is not None:
        return found
    if depth == DEEPEST:
        _refuse(f"nested more than {DEEPEST} deep", place, value, "Make it flatter.")
    seen[id(cast(Any, value))] = _OPEN
    made = seen[id(cast(Any, value))] = _copied(value, place, seen, depth + 1)
    return made


def _copied(
    value: dict[Any, Any] | list[Any] | tuple[Any, ...] | set[Any],
    place: Place,
    seen: dict[int, Any],
    depth: int,
) -> Any:
    if isinstance(value, tuple):
        items = [_freeze(item, place, seen, depth) for item in value]
        # A named tuple stays one; its class may want its items one by one.
        return tuple(items) if type(value) is tuple else value
    if isinstance(value, dict):
        made = FrozenDict(value)
        for key, item in value.items():
            if type(key) not in ATOMS:
                _freeze(key, place, seen, depth)  # may be too long a number
            if type(item) not in ATOMS:
                dict.__setitem__(made, key, _freeze(item, place, seen, depth))
    elif isinstance(value, list):
        made = FrozenList(value)
        if not ATOMS.issuperset(map(type, value)):
            for position, item in enumerate(value):
                list.__setitem__(made, position, _freeze(item, place, seen, depth))
    else:
        made = FrozenSet(value)
    made._place = place  # pyright: ignore[reportPrivateUsage]
    return made


def _refuse(problem: str, place: Place, value: object, remedy: str) -> NoReturn:
    owner, field = place
    raise owner.error(problem, field=field, value=value, remedy=remedy)


def plain(value: Any) -> Any:
    """A copy of a frozen value that can be changed, at any depth; other values as they are.

    Example:
        >>> from edsl_nb import Agent
        >>> traits = plain(Agent({"age": [20]}).traits)
        >>> traits["age"].append(21)
    """
    if type(value) in ATOMS:
        return value
    if isinstance(value, FrozenDict):
        return {key: item if type(item) in ATOMS else plain(item) for key, item in value.items()}
    if isinstance(value, FrozenList):
        return [plain(item) for item in value]
    if isinstance(value, FrozenSet):
        return set(value)
    if type(value) is tuple:
        return tuple(plain(item) for item in cast(tuple[Any, ...], value))
    return value
