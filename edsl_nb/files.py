"""`FileStore`: a file that travels with a scenario, whole."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

from edsl_nb.core.code import Call
from edsl_nb.core.errors import EdslNbError, ScenarioError
from edsl_nb.core.file_contents import (
    LEFT_OUT,
    checked_path,
    decoded,
    is_binary,
    name_of,
    pdf_text,
    read_file,
    type_of,
)
from edsl_nb.core.frozen import plain
from edsl_nb.core.objects import DomainObject, canonical, tagged, untagged

#: Kinds of files that hold text although their type does not start with ``text/``.
_TEXT_TYPES = ("json", "xml", "yaml", "javascript", "x-sh", "x-tex", "toml", "octet-stream")


class FileStore(DomainObject):
    """A file, read whole, to be the value of a scenario's field.

    In a question ``{{ scenario.report }}`` stands for a short marker with the
    file's name, and ``{{ scenario.report.extracted_text }}`` for the text in it.

    Parameters:
        path: the file to read; or, where `base64_string` is given, what it was called.
        mime_type: its type, such as ``image/png``; found by the name's ending when None.
        binary: whether it is not text; found by its content when None.
        suffix: the name's ending without a dot; taken from `path` when None.
        base64_string: the content, where it is not to be read from `path`.
        external_locations: where services keep copies of it, by service.
        extracted_text: the text in it; read from the content when first used, when None.

    Raises:
        ScenarioError: there is no such file, or a parameter is not as it has to be.

    Example:
        >>> file = FileStore("notes.txt", base64_string="SGVsbG8=")
        >>> file.text
        'Hello'
        >>> file.size
        5
    """

    error: ClassVar[type[EdslNbError]] = ScenarioError
    change: ClassVar[str] = "Make a new one from the changed file: FileStore(path)."
    saved_as: ClassVar[str] = "Scenario"
    variable: ClassVar[str] = "file"

    path: str
    mime_type: str
    binary: bool
    suffix: str
    base64_string: str
    external_locations: dict[str, Any]
    _text: str | None = None
    _was_read: bool = False

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        mime_type: str | None = None,
        binary: bool | None = None,
        suffix: str | None = None,
        base64_string: str | None = None,
        external_locations: dict[str, Any] | None = None,
        extracted_text: str | None = None,
        **unknown: Any,
    ) -> None:
        was_read = base64_string is None
        if was_read:
            path, content = read_file(path)
            base64_string = base64.b64encode(content).decode()
        else:
            path = checked_path(path)
            content = decoded(base64_string)
        if not (extracted_text is None or isinstance(extracted_text, str)):
            raise ScenarioError(
                "a text or None is wanted",
                field="extracted_text",
                value=extracted_text,
                remedy="Leave it out: it is read from the file.",
            )
        super().__init__(
            path=path,
            mime_type=type_of(path) if mime_type is None else mime_type,
            binary=is_binary(content) if binary is None else binary,
            suffix=name_of(path).suffix[1:] if suffix is None else suffix,
            base64_string=base64_string,
            external_locations={} if external_locations is None else external_locations,
            **unknown,
        )
        self._text = extracted_text
        self._was_read = was_read

    # What is in it

    @property
    def name(self) -> str:
        """The file's name, without its folder."""
        return name_of(self.path).name or "file"

    @cached_property
    def content(self) -> bytes:
        """The bytes of the file.

        Raises:
            ScenarioError: they were left out when the file was saved with results.
        """
        if self.base64_string == LEFT_OUT:
            raise ScenarioError(
                f"the content of {self.name} was left out where this was saved",
                field="base64_string",
                value=LEFT_OUT,
                remedy="Read the file again: FileStore(path).",
            )
        return base64.b64decode(self.base64_string)

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return len(self.content)

    @property
    def text(self) -> str:
        """The text in it; of a PDF file, that of its pages.

        Raises:
            ScenarioError: it is of a kind that no text can be read from.
        """
        return self.extracted_text

    @property
    def extracted_text(self) -> str:
        """The same as `text`, under the name that it has in EDSL's JSON."""
        if self._text is None:
            self._text = self._extract()
        return self._text

    def _extract(self) -> str:
        if self.mime_type == "application/pdf":
            return pdf_text(self.content, self.name)
        kind = self.mime_type.partition("/")
        if not self.binary and (kind[0] == "text" or kind[2].endswith(_TEXT_TYPES)):
            with_mark = self.content.decode(errors="replace")
            return with_mark.removeprefix("\ufeff")
        raise ScenarioError(
            f"no text can be read from {self.name}, which is {self.mime_type}",
            field="path",
            value=self.path,
            remedy="Save it as text, CSV or PDF first; tables are read by ScenarioList.from_source(path).",
        )

    def is_image(self) -> bool:
        """Whether it is a picture."""
        return self.mime_type.startswith("image/")

    # As a dict, which it is in EDSL

    def keys(self) -> list[str]:
        """The names of its fields, as in EDSL's JSON."""
        return list(_KEYS)

    def __getitem__(self, name: str) -> Any:
        if name not in _KEYS:
            raise KeyError(name)
        return getattr(self, name)

    def __iter__(self) -> Iterator[str]:  # type: ignore[override]
        return iter(_KEYS)

    # Getting it out again

    def write(self, filename: str | os.PathLike[str] | None = None) -> str:
        """Write the file.

        Parameters:
            filename: where to; None for a new file in the folder for temporary files.
                A file that is there already is replaced.

        Returns:
            The path of the file that was written.

        Raises:
            ScenarioError: it cannot be written there.
        """
        if filename is None:
            return self.to_tempfile()
        if not isinstance(filename, str | os.PathLike) or not str(filename) or "\0" in str(filename):
            raise ScenarioError(
                "a path is wanted", field="filename", value=filename, remedy="Such as 'copy.txt'."
            )
        target = Path(filename).expanduser()
        try:
            target.write_bytes(self.content)
        except OSError as failure:
            raise ScenarioError(
                f"it cannot be written: {failure.strerror or failure}",
                field="filename",
                value=str(target),
                remedy="Name a file in a folder that is there and that you may write to.",
            ) from None
        return str(target)

    def to_tempfile(self, suffix: str | None = None) -> str:
        """Write the file to a new file in the folder for temporary files.

        Parameters:
            suffix: the ending of its name; that of the file when None.

        Returns:
            The path of the file that was written.

        Raises:
            ScenarioError: the suffix is no text.
        """
        if suffix is not None and not isinstance(suffix, str):
            raise ScenarioError("a text is wanted", field="suffix", value=suffix, remedy="Such as '.txt'.")
        ending = self.suffix if suffix is None else suffix
        # It may come from elsewhere, and must not lead out of the folder.
        ending = f".{ending.lstrip('.')}" if re.fullmatch(r"\.?[A-Za-z0-9]{1,16}", ending) else ""
        with tempfile.NamedTemporaryFile(suffix=ending, delete=False) as file:
            file.write(self.content)
        return file.name

    def view(self) -> FileView:
        """The file as a notebook can show it: a picture, a PDF file, or text."""
        return FileView(self)

    # EDSL's JSON

    def to_dict(self) -> dict[str, Any]:
        """The file in EDSL's JSON, with its content."""
        try:
            text = self.extracted_text
        except ScenarioError:  # what has no text is written without one
            text = None
        fields = {key: getattr(self, key) for key in _KEYS if key != "extracted_text"}
        return tagged({**self._extras, **fields, "extracted_text": text}, "Scenario")

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> FileStore:
        """The file that `to_dict` wrote, here or in EDSL.

        Raises:
            ScenarioError: it is not as it has to be.
        """
        fields = untagged(data, "FileStore")
        for key in ("path", "base64_string"):
            if not isinstance(fields.get(key), str):
                raise ScenarioError(
                    "the JSON of a file has a text here",
                    field=key,
                    value=fields.get(key),
                    remedy="Pass what to_dict() gave.",
                )
        known = {key: fields.pop(key) for key in _KEYS if key in fields}
        return cls._of_stored(known, fields)

    def identity(self) -> str:
        """Text that is equal for equal content; short, although files are long."""
        return self._identity

    @cached_property
    def _identity(self) -> str:
        fields = {**self._extras, **{key: getattr(self, key) for key in _KEYS[:-1]}}
        fields["base64_string"] = hashlib.sha256(self.base64_string.encode()).hexdigest()
        return canonical(plain(fields))

    def arguments(self) -> dict[str, Any]:
        given = {key: getattr(self, key) for key in _KEYS[:-1]}
        return {**given, "extracted_text": self._text}

    def as_call(self) -> Call:
        if self._was_read:
            return Call(type(self), (), {"path": self.path})
        return super().as_call()

    def _facts(self) -> Iterable[tuple[str, Any]]:
        return (("path", self.path), ("type", self.mime_type), ("bytes", self.size))

    def in_short(self) -> str:
        return f"[file: {self.name}]"

    def __repr__(self) -> str:
        return f"FileStore(path={self.path!r})"

    @classmethod
    def example(cls) -> Self:
        """A file to try things with."""
        return cls("hello.txt", base64_string=base64.b64encode(b"Hello, world!").decode())


#: The fields of a file in EDSL's JSON, in its order.
_KEYS = (
    "path",
    "base64_string",
    "binary",
    "suffix",
    "mime_type",
    "external_locations",
    "extracted_text",
)


class FileView:
    """How a notebook shows a file: as a picture, a PDF file or text, never as HTML.

    Parameters:
        file: what to show.
    """

    #: What front ends can show, and cannot run anything in.
    _SHOWN = ("image/png", "image/jpeg", "image/gif", "application/pdf")

    #: Characters of text that are shown.
    _MOST = 10_000

    def __init__(self, file: FileStore) -> None:
        self.file = file

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        shown = {"text/plain": repr(self)}
        if self.file.mime_type in self._SHOWN:
            shown[self.file.mime_type] = self.file.base64_string
        return shown

    def __repr__(self) -> str:
        try:
            text = self.file.text
        except ScenarioError:
            return f"{self.file.name} ({self.file.mime_type}, {self.file.size:,} bytes)"
        return text if len(text) <= self._MOST else text[: self._MOST] + "…"
