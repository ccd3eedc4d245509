"""`Cache`: replies of models by the calls that they came from, in EDSL's form."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar, Self, cast
from uuid import uuid4

from edsl_nb.core.code import Call
from edsl_nb.core.errors import CacheError, EdslNbError, nearest
from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.core.objects import Built, tagged, untagged
from edsl_nb.core.tables import Column
from edsl_nb.core.version import __version__
from edsl_nb.models.cache_entry import CacheEntry, call_key, stored_entry

_COLUMNS = ("key", "model", "service", "system_prompt", "user_prompt", "output", "iteration", "timestamp")


class Cache(Built):
    """Replies of models by the keys of their calls. Reads like a dict.

    Runs remember every reply by themselves; a cache carries replies from and to
    other people, and EDSL: ``job.run(cache=cache)`` takes replies from it, asks
    what it does not have, and adds that.

    Parameters:
        data: entries by key, or another cache; empty when None.

    Raises:
        CacheError: `data` holds something else.

    Example:
        >>> cache = Cache()
        >>> key = cache.store("test", {}, "", "Tea?", {"text": "Yes."}, iteration=0, service="test")
        >>> cache[key].output
        '{"text": "Yes."}'
    """

    error: ClassVar[type[EdslNbError]] = CacheError
    saved_as: ClassVar[str] = "Cache"
    variable: ClassVar[str] = "cache"

    def __init__(self, data: Mapping[str, CacheEntry] | Cache | None = None, **unknown: Any) -> None:
        for name in unknown:
            raise CacheError(
                "Cache takes no such parameter",
                field=name,
                value=unknown[name],
                remedy="Read a file with Cache.from_jsonl(path).",
            )
        self._entries: dict[str, CacheEntry] = {}
        self._asked_here: set[str] = set()
        if data is not None:
            self.add_from_dict(data)

    # As a dict

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())  # a run may add to it meanwhile

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __getitem__(self, key: str) -> CacheEntry:
        if key not in self._entries:
            raise CacheError(
                "the cache has no such key", field="key", value=key, remedy=nearest(key, self._entries)
            )
        return self._entries[key]

    def get(self, key: str, default: Any = None) -> Any:
        """The entry of a key, or `default`."""
        return self._entries.get(key, default)

    def keys(self) -> list[str]:
        """The keys."""
        return list(self._entries)

    def values(self) -> list[CacheEntry]:
        """The entries."""
        return list(self._entries.values())

    def items(self) -> list[tuple[str, CacheEntry]]:
        """The keys with their entries."""
        return list(self._entries.items())

    @property
    def data(self) -> dict[str, CacheEntry]:
        """A copy, as a dict."""
        return dict(self._entries)

    def __eq__(self, other: object) -> bool:
        return self._entries == other._entries if isinstance(other, Cache) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it can be changed

    def __add__(self, other: object) -> Cache:
        """The entries of both; the second's where both have a key."""
        if not isinstance(other, Cache):
            return NotImplemented
        return Cache({**self._entries, **other._entries})

    # Filling and asking

    def add_from_dict(self, new_data: Mapping[str, CacheEntry] | Cache) -> None:
        """Add entries, in the place of those that have the same keys.

        Raises:
            CacheError: this holds something else.
        """
        if not isinstance(new_data, Mapping | Cache):
            raise CacheError(
                "a dict of entries by key is wanted",
                field="data",
                value=new_data,
                remedy="Such as Cache({entry.key: entry}).",
            )
        added = dict(cast(Mapping[Any, Any], new_data).items())
        for key, entry in added.items():
            if not isinstance(key, str) or not isinstance(entry, CacheEntry):
                raise CacheError(
                    "a cache holds CacheEntry objects by text keys",
                    field="data",
                    value={key: entry},
                    remedy="Such as Cache({entry.key: entry}).",
                )
        self._entries.update(added)

    def store(
        self,
        model: str,
        parameters: dict[str, Any],
        system_prompt: str,
        user_prompt: str,
        response: Any,
        iteration: int,
        service: str | None = None,
        validated: bool = False,
    ) -> str:
        """Remember a reply.

        Parameters:
            response: the service's response, as JSON can write it.
            model, parameters, system_prompt, user_prompt, iteration, service, validated: as for `CacheEntry`.

        Returns:
            The key of the call.

        Raises:
            CacheError: a parameter is not as it has to be.
        """
        try:
            output = json.dumps(response)
        except (TypeError, ValueError, RecursionError) as wrong:
            raise CacheError(
                f"JSON cannot write this: {wrong}", field="response", value=response, remedy="Give a dict."
            ) from None
        entry = CacheEntry(
            model,
            parameters,
            system_prompt,
            user_prompt,
            output,
            iteration=iteration,
            service=service,
            validated=validated,
        )
        self._entries[entry.key] = entry
        return entry.key

    def fetch(
        self,
        *,
        model: str,
        parameters: dict[str, Any],
        system_prompt: str,
        user_prompt: str,
        iteration: int,
        validated: bool = False,
    ) -> tuple[str | None, str]:
        """The reply to a call.

        Parameters:
            model, parameters, system_prompt, user_prompt, iteration: the call.
            validated: whether the reply has to be one that was found to be valid.

        Returns:
            The output, or None where there is none, and the key of the call.
        """
        key = call_key(model, parameters, system_prompt, user_prompt, iteration)
        entry = self._entries.get(key)
        if entry is None or (validated and not entry.validated):
            return None, key
        return entry.output, key

    def add(self, key: str, entry: CacheEntry) -> None:
        """Add an entry that was asked for in this process, so that it is known whom it came from."""
        self._entries[key] = entry
        self._asked_here.add(key)

    def imported(self, key: str) -> CacheEntry | None:
        """The entry of a key, where it came from elsewhere: nobody knows from which address."""
        return None if key in self._asked_here else self._entries.get(key)

    def subset(self, keys: Iterable[str]) -> Cache:
        """A cache of some of the entries.

        Raises:
            CacheError: there is no such key.
        """
        return Cache({key: self[key] for key in keys})

    # EDSL's JSON

    def to_dict(self) -> dict[str, Any]:
        """The cache in EDSL's JSON."""
        return tagged({key: entry.to_dict() for key, entry in self.items()}, "Cache")

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Cache:
        """The cache that `to_dict` wrote, here or in EDSL.

        Raises:
            CacheError: an entry is not as it has to be.
        """
        fields = untagged(data, "Cache")
        return cls({key: stored_entry(value, key) for key, value in fields.items()})

    def to_jsonl(self, filename: str | os.PathLike[str] | None = None) -> str:
        """The cache as lines of JSON: a header, then an entry a line, as EDSL writes them.

        Parameters:
            filename: a file to write the lines to as well, whole or not at all.

        Raises:
            CacheError: it cannot be written there.
        """
        if filename is not None:
            self.write_jsonl(filename)
        return "".join(self._lines())

    def _lines(self) -> Iterator[str]:
        entries = self.items()
        header = {
            "__header__": True,
            "edsl_class_name": "Cache",
            "edsl_version": f"edsl_nb-{__version__}",
            "n_entries": len(entries),
        }
        rows = ({"key": key, "entry": entry.to_dict()} for key, entry in entries)
        return (json.dumps(row) + "\n" for row in chain([header], rows))

    def write_jsonl(self, filename: str | os.PathLike[str]) -> None:
        """Write the cache to a file, as lines of JSON, whole or not at all.

        Parameters:
            filename: the path; a file that is there already is replaced.

        Raises:
            CacheError: it cannot be written there.
        """
        path = _path(filename)
        beside = path.with_name(f".{path.name[:40]}-{uuid4().hex[:8]}")
        try:
            with beside.open("x", encoding="utf-8") as file:
                file.writelines(self._lines())
            beside.replace(path)
        except OSError as failure:
            beside.unlink(missing_ok=True)
            raise CacheError(
                f"it cannot be written: {failure.strerror or failure}",
                field="filename",
                value=str(path),
                remedy="Name a file in a folder that is there and that you may write to.",
            ) from None

    @classmethod
    def from_jsonl(cls, source: str | os.PathLike[str]) -> Self:
        """The cache that `write_jsonl` or `to_jsonl` wrote, here or in EDSL.

        Parameters:
            source: the path of a file, or the lines themselves.

        Raises:
            CacheError: there is no such file, or a line is no entry, or lines are missing.
        """
        if isinstance(source, str) and source.lstrip().startswith("{"):
            return cls._from_rows(source.split("\n"))
        path = _path(source)
        try:
            with path.open(encoding="utf-8") as file:
                return cls._from_rows(file)
        except (OSError, UnicodeDecodeError) as failure:
            raise CacheError(
                f"the file cannot be read: {failure}",
                field="source",
                value=str(path),
                remedy="Give the path of a file that Cache.write_jsonl wrote.",
            ) from None

    @classmethod
    def _from_rows(cls, lines: Iterable[str]) -> Self:
        made, expected = cls(), None
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            row = _row(line, number)
            if row.get("__header__"):
                expected = row.get("n_entries")
            elif row.keys() == {"key", "entry"}:
                made._entries[str(row["key"])] = stored_entry(row["entry"], f"line {number}")
            else:  # as EDSL wrote it in 2024: an entry by its key
                made._entries |= {key: stored_entry(value, f"line {number}") for key, value in row.items()}
        if isinstance(expected, int) and expected != len(made):
            raise CacheError(
                f"{expected} entries are announced, and {len(made)} are there",
                field="source",
                remedy="The file is broken off: write it again.",
            )
        return made

    @classmethod
    def example(cls) -> Cache:
        """A cache to try things with."""
        entry = CacheEntry.example()
        return cls({entry.key: entry})

    # Showing

    def as_table(self) -> MemoryTable:
        """The entries as a table."""
        entries = self.items()

        def cell(row: int, column: str) -> Any:
            key, entry = entries[row]
            return key if column == "key" else getattr(entry, column)

        numbers = ("iteration", "timestamp")
        columns = [Column(name, "number" if name in numbers else "text", sortable=True) for name in _COLUMNS]
        return MemoryTable("Cache", columns, len(entries), cell)

    def as_call(self) -> Call:
        return Call(Cache, (dict(self._entries),) if self._entries else ())

    def in_short(self) -> str:
        return f"Cache of {len(self):,} repl{'y' if len(self) == 1 else 'ies'}"


def _row(line: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        raise CacheError(
            f"line {number} is no JSON object",
            field="source",
            value=line,
            remedy="Pass what to_jsonl() gave, or the path of a file that write_jsonl() wrote.",
        )
    return cast(dict[str, Any], row)


def _path(filename: Any) -> Path:
    if not isinstance(filename, str | os.PathLike) or not str(filename).strip() or "\0" in str(filename):
        raise CacheError(
            "a path is wanted", field="filename", value=filename, remedy="Such as 'cache.jsonl'."
        )
    return Path(filename).expanduser()
