"""Files: every object as EDSL's JSON, packed (``.json.gz``), plain (``.json``), or in lines (``.jsonl``)."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from abc import abstractmethod
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Self, cast
from uuid import uuid4

from edsl_nb.core.calls import Checked
from edsl_nb.core.errors import EdslNbError, warn

_PACKED, _PLAIN = ".json.gz", ".json"

#: How hard files are packed. One step more makes them 8% smaller, and takes half as long again.
_LEVEL = 5

#: The tags EDSL adds to every object in its JSON; ignored when reading.
VERSION_TAGS = ("edsl_version", "edsl_class_name")

#: The numbers of rows that headers of lines of JSON have.
_COUNTS = ("n_agents", "n_scenarios", "n_models", "n_questions")

_JSONL = "Pass what to_jsonl() gave."

#: What can be in a file, by the class that EDSL says it is.
_KINDS = {
    "Agent", "AgentList", "Cache", "Instruction", "Jobs", "LanguageModel", "ModelList", "Notebook",
    "QuestionBase", "Results", "Scenario", "ScenarioList", "Survey",
}  # fmt: skip


class Filed(metaclass=Checked):
    """Gives an object `save` and `load`.

    Class attributes:
        saved_as: the class that EDSL's JSON names for it.
    """

    error: ClassVar[type[EdslNbError]] = EdslNbError
    saved_as: ClassVar[str]

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """The object in EDSL's JSON."""

    def functions(self) -> Iterable[str]:
        """The parameters that hold functions, which are not written."""
        return ()

    def save(self, filename: str | os.PathLike[str]) -> Path:
        """Write the object to a file, whole or not at all. Functions are left out, with a warning.

        Parameters:
            filename: the path; ``.json.gz`` is added unless it ends in that or
                in ``.json``. A file that is there already is replaced.

        Returns:
            The path of the file.

        Raises:
            EdslNbError: it cannot be written there, or the object holds values that JSON cannot.
        """
        path = _target(filename)
        _write(path, self._json_pieces(), packed=path.suffix != _PLAIN)
        self._warn_of_functions()
        return path

    @classmethod
    def load(cls, filename: str | os.PathLike[str]) -> Self:
        """The object that `save` wrote, here or in EDSL.

        Parameters:
            filename: the path; its ending may be left out.

        Raises:
            EdslNbError: there is no such file, or something else is in it.
        """
        path = _source(filename)
        return _made(cls, _decoded(_unpacked(path), "filename", str(path), cls._read), "filename", str(path))

    @staticmethod
    def _read(content: bytes) -> Any:
        """What the content of a file says."""
        return json.loads(content)

    def _json_pieces(self) -> Iterable[str]:
        """The JSON in pieces, so that a large object need not be in memory twice."""
        yield self._json(self.to_dict())

    def _warn_of_functions(self) -> None:
        names = sorted(set(self.functions()))
        if names:
            warn(f"functions are not saved: {', '.join(names)}; give them again after loading.")

    def _json(self, data: Any) -> str:
        try:
            return json.dumps(data)
        except (TypeError, ValueError, RecursionError) as wrong:
            raise self.error(
                f"it holds something that JSON cannot: {wrong}",
                field=type(self).__name__,
                value=self,
                remedy="Turn it into texts, numbers, lists and dicts.",
            ) from None


class Saved(Filed):
    """Gives an object `to_jsonl` and `from_jsonl`, too.

    Class attributes:
        rows_key: where its JSON holds the rows that lines of JSON have one by
            one; empty where the whole object is one row, None where each field is.
        header_keys: fields that lines of JSON have in their header.
    """

    rows_key: ClassVar[str | None] = None
    header_keys: ClassVar[tuple[str, ...]] = ()

    def to_jsonl(self, filename: str | os.PathLike[str] | None = None) -> str:
        """The object as lines of JSON: a header, then a field or a row a line, as EDSL writes them.

        Parameters:
            filename: a file to write the lines to as well, whole or not at all.

        Returns:
            The lines.

        Raises:
            EdslNbError: it cannot be written there, or the object holds values that JSON cannot.
        """
        data = self.to_dict()
        name = type(self).__name__ if self.header_keys else self.saved_as
        header: dict[str, Any] = {"__header__": True, "edsl_class_name": name}
        header["edsl_version"] = data.pop("edsl_version", None)
        class_name = data.pop("edsl_class_name", None)
        header |= {key: data.pop(key) for key in self.header_keys}
        if self.rows_key:
            rows: list[Any] = data.pop(self.rows_key)
            header |= data
        elif self.rows_key is None:
            rows = [{"field": name, "value": value} for name, value in data.items()]
        else:
            rows = [{**data, "edsl_class_name": class_name}]
        self._warn_of_functions()
        lines = "".join(self._json(row) + "\n" for row in (header, *rows))
        if filename is not None:
            _write(_checked_path(filename), [lines])
        return lines

    @classmethod
    def from_jsonl(cls, source: str | os.PathLike[str]) -> Self:
        """The object that `to_jsonl` wrote, here or in EDSL.

        Parameters:
            source: the lines, or the path of a file with them.

        Raises:
            EdslNbError: they are no lines of JSON with a header, or make something else.
        """
        if not isinstance(source, str) or not source.lstrip().startswith("{"):
            source = _unpacked(_source(source)).decode(errors="replace")
        lines = [_decoded(line, "source", line) for line in source.split("\n") if line.strip()]
        if not (lines and all(isinstance(line, dict) for line in lines) and "__header__" in lines[0]):
            raise EdslNbError("these are no lines with a header", field="source", value=source, remedy=_JSONL)
        kind = "QuestionBase" if "question_type" in lines[0] else lines[0].get("edsl_class_name")
        data = {"edsl_class_name": kind, **_version(lines[0]), **cls._from_lines(lines[0], lines[1:])}
        return _made(cls, data, "source", source)

    @classmethod
    def _from_lines(cls, header: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
        """The object's JSON from its lines."""
        above = {
            key: value
            for key, value in header.items()
            if key != "__header__" and key not in VERSION_TAGS and key not in _COUNTS
        }
        if cls.rows_key:
            return {**above, cls.rows_key: rows}
        if cls.rows_key is None:
            return {**above, **{str(row.get("field")): row.get("value") for row in rows}}
        return rows[0] if rows else {}


def _made(cls: type[Any], data: Any, field: str, value: object) -> Any:
    """The object of a class from its JSON, if that is what the JSON is of."""
    found = cast(dict[Any, Any], data).get("edsl_class_name") if isinstance(data, dict) else None
    if not (found in _KINDS and found != cls.saved_as):
        made = cls.from_dict(data)
        if isinstance(made, cls):
            return made
        found = type(made).__name__
    raise cls.error(
        f"this is a {found}, no {cls.__name__}",
        field=field,
        value=value,
        remedy="Read it with the class that wrote it.",
    )


def _checked_path(filename: str | os.PathLike[str]) -> Path:
    if not isinstance(filename, str | os.PathLike) or not str(filename).strip() or "\0" in str(filename):
        raise EdslNbError("a path is wanted", field="filename", value=filename, remedy="Such as 'survey'.")
    path = Path(filename).expanduser()
    if path.suffix == ".ep":
        raise EdslNbError(
            "a file in EDSL's own format .ep is not read or written here",
            field="filename",
            value=str(filename),
            remedy="Use .json.gz, which EDSL writes, too: object.save('name.json.gz').",
        )
    return path


def _target(filename: str | os.PathLike[str]) -> Path:
    path = _checked_path(filename)
    if path.name.endswith((_PACKED, _PLAIN)):
        return path
    return path.with_name(path.name.removesuffix(".gz") + _PACKED)


def _source(filename: str | os.PathLike[str]) -> Path:
    path = _checked_path(filename)
    for ending in ("", _PACKED, _PLAIN):
        candidate = path.with_name(path.name + ending)
        if candidate.is_file():
            return candidate
    raise EdslNbError(
        "there is no such file",
        field="filename",
        value=str(path),
        remedy=f"The working folder is {Path.cwd()}.",
    )


def _write(path: Path, pieces: Iterable[str], packed: bool = False) -> None:
    """Write a file, whole or not at all."""
    beside = path.with_name(f".{path.name[:40]}-{uuid4().hex[:8]}")
    try:
        with beside.open("xb") as file, _target_in(file, packed) as target:
            for piece in pieces:
                target.write(piece.encode())
        beside.replace(path)
    except OSError as failure:
        raise EdslNbError(
            f"it cannot be written: {failure.strerror or failure}",
            field="filename",
            value=str(path),
            remedy="Name a file in a folder that is there and that you may write to.",
        ) from None
    finally:
        with suppress(OSError):
            beside.unlink()


def _target_in(file: BinaryIO, packed: bool) -> AbstractContextManager[BinaryIO | gzip.GzipFile]:
    """What takes a file's content. Equal objects make equal files: there is no time and no name in them."""
    return gzip.GzipFile("", "wb", _LEVEL, file, mtime=0) if packed else nullcontext(file)


def _unpacked(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (OSError, EOFError, zlib.error) as failure:
        raise EdslNbError(
            f"the file cannot be read: {failure}",
            field="filename",
            value=str(path),
            remedy="Save it again.",
        ) from None


def _decoded(content: Any, field: str, value: object, read: Callable[[Any], Any] = json.loads) -> Any:
    try:
        return read(content)
    except (ValueError, RecursionError) as wrong:
        raise EdslNbError(
            f"this is no JSON ({type(wrong).__name__})",
            field=field,
            value=value,
            remedy="Pass what save() or to_jsonl() wrote.",
        ) from None


def _version(header: dict[str, Any]) -> dict[str, Any]:
    """What a header says of the version, for what is saved again as it was."""
    return {key: value for key, value in header.items() if key == "edsl_version" and value is not None}
