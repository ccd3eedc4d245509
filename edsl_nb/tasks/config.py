"""AgentBench's configuration files, with their keywords ``import``, ``default`` and ``overwrite``."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from edsl_nb.tasks.typings import TaskError

#: Values that a configuration may have in all, and how deep they may lie. Files can refer to a
#: part of themselves again and again, so that a short one stands for an endless one.
_MOST_VALUES, _DEEPEST = 200_000, 50

_SUFFIXES = (".yaml", ".yml", ".json")


def load_config(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a configuration.

    ``import`` names files, relative to the one it stands in, over which the mapping is merged;
    ``default`` is merged under every value beside it, ``overwrite`` over it. Mappings are merged
    name by name, lists are put one after the other, of anything else the newer one holds.

    Parameters:
        path: a file that ends in .yaml, .yml or .json.

    Raises:
        TaskError: a file is not there, is malformed, imports itself, or is too large.
    """
    if not isinstance(path, str | os.PathLike):
        raise TaskError(
            "the path of a file is wanted", field="path", value=path, remedy="Such as 'assignment.yaml'."
        )
    return _Loader().load(Path(path))


class _Loader:
    def __init__(self) -> None:
        self._values = 0
        self._open: list[Path] = []

    def load(self, path: Path) -> dict[str, Any]:
        known = path.resolve()
        if known in self._open:
            chain = " imports ".join(one.name for one in [*self._open[self._open.index(known) :], known])
            raise TaskError(
                f"{chain}, which would never end",
                field="import",
                value=str(path),
                remedy="Take one of the imports out.",
            )
        self._open.append(known)
        given = self._copied(_parsed(path), path, 0)
        if not isinstance(given, dict | None):
            raise TaskError(
                "a configuration is a mapping",
                field=path.name,
                value=given,
                remedy="Such as 'output: outputs'.",
            )
        made = _spread(self._with_imports(cast(dict[str, Any], given or {}), path.parent))
        self._open.pop()
        return made

    def _copied(self, value: Any, path: Path, depth: int) -> Any:
        """A copy of its own of every part, so that merging into one place changes no other."""
        self._values += 1
        if self._values > _MOST_VALUES or depth > _DEEPEST:
            raise TaskError(
                f"it has more than {_MOST_VALUES:,} values, or they lie deeper than {_DEEPEST} levels",
                field=path.name,
                remedy="Look for an alias that refers to what it stands in.",
            )
        if isinstance(value, Mapping):
            items = cast(Mapping[Any, Any], value).items()
            return {name: self._copied(one, path, depth + 1) for name, one in items}
        if isinstance(value, list):
            return [self._copied(one, path, depth + 1) for one in cast(list[Any], value)]
        return value

    def _with_imports(self, given: dict[str, Any], folder: Path) -> dict[str, Any]:
        paths = given.pop("import", [])
        made: dict[str, Any] = {}
        for path in paths if isinstance(paths, list) else [paths]:
            if not isinstance(path, str):
                raise TaskError(
                    "a path or a list of paths is wanted",
                    field="import",
                    value=path,
                    remedy="Such as 'import: definition.yaml'.",
                )
            made = merged(made, self.load(folder / path))
        for name, value in given.items():
            if isinstance(value, dict):
                given[name] = self._with_imports(cast(dict[str, Any], value), folder)
        return merged(made, given)


def merged(older: Any, newer: Any) -> Any:
    """Two values as one: mappings name by name, lists one after the other, else the newer one."""
    if isinstance(older, dict) and isinstance(newer, dict):
        made = dict(cast(dict[Any, Any], older))
        for name, value in cast(dict[Any, Any], newer).items():
            made[name] = merged(made[name], value) if name in made else value
        return made
    if isinstance(older, list) and isinstance(newer, list):
        return [*cast(list[Any], older), *cast(list[Any], newer)]
    return newer


def _spread(given: dict[str, Any]) -> dict[str, Any]:
    """Merge what is meant for all values of a mapping into each of them, from within outwards."""
    inner = {name: _spread(value) if isinstance(value, dict) else value for name, value in given.items()}
    under, over = (inner.pop(keyword, None) or {} for keyword in ("default", "overwrite"))
    return {
        name: merged(merged(under, value), over) if isinstance(value, dict) else value
        for name, value in inner.items()
    }


def _parsed(path: Path) -> Any:
    import yaml

    if path.suffix not in _SUFFIXES:
        raise TaskError(
            f"a configuration ends in {', '.join(_SUFFIXES)}",
            field="path",
            value=str(path),
            remedy="Name the file, not its folder.",
        )
    try:
        text = path.read_text(encoding="utf-8")
        return json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except OSError as failure:
        raise TaskError(
            f"cannot read it: {failure.strerror or failure}",
            field="path",
            value=str(path),
            remedy="Imports are relative to the file that they stand in.",
        ) from None
    except (ValueError, RecursionError, yaml.YAMLError) as wrong:
        what = " ".join(str(wrong).split()) or type(wrong).__name__
        raise TaskError(f"{path.name} is malformed: {what}", field="path", value=str(path)) from None
