"""`Notebook`: a Jupyter notebook as an object, as EDSL has it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Self, cast

from pydantic import Field

from edsl_nb.core.code import counted
from edsl_nb.core.errors import EdslNbError
from edsl_nb.core.frozen import plain
from edsl_nb.core.objects import DomainObject, tagged, untagged


class Notebook(DomainObject):
    """A Jupyter notebook: its cells and what it is called.

    Parameters:
        path: an ``.ipynb`` file to read.
        data: the notebook as JSON, where it is not to be read from a file.
        name: what to call it.
        lint: whether EDSL tidies its code before uploading; kept for EDSL.

    Raises:
        EdslNbError: there is no such file, or it is no notebook of format 4.

    Example:
        >>> Notebook(data={"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).name
        'notebook'
    """

    saved_as: ClassVar[str] = "Notebook"
    variable: ClassVar[str] = "notebook"
    change: ClassVar[str] = "Change the .ipynb file, and read it again: Notebook(path=...)."

    data: dict[str, Any]
    name: str = Field(default="notebook", min_length=1)
    lint: bool = True

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        data: Mapping[str, Any] | None = None,
        name: str | None = None,
        lint: bool = True,
        **unknown: Any,
    ) -> None:
        if (path is None) == (data is None):
            raise EdslNbError(
                "either the path of a notebook or its data is wanted",
                field="path",
                value=path,
                remedy="Such as Notebook(path='analysis.ipynb').",
            )
        read = _read(path) if path is not None else data
        _check(read, "data" if path is None else "path", read if path is None else str(path))
        given = {} if name is None else {"name": name}
        super().__init__(data=dict(cast(Mapping[str, Any], read)), lint=lint, **given, **unknown)

    @property
    def cells(self) -> list[dict[str, Any]]:
        """The cells, as JSON."""
        return self.data["cells"]

    def to_file(self, filename: str | os.PathLike[str]) -> Path:
        """Write the notebook as an ``.ipynb`` file.

        Raises:
            EdslNbError: it cannot be written there.
        """
        if not isinstance(filename, str | os.PathLike) or not str(filename) or "\0" in str(filename):
            raise EdslNbError(
                "a path is wanted", field="filename", value=filename, remedy="Such as 'copy.ipynb'."
            )
        target = Path(filename).expanduser()
        try:
            target.write_text(json.dumps(plain(self.data), indent=1, ensure_ascii=False) + "\n", "utf-8")
        except OSError as failure:
            raise EdslNbError(
                f"it cannot be written: {failure.strerror or failure}",
                field="filename",
                value=str(target),
                remedy="Name a file in a folder that is there and that you may write to.",
            ) from None
        return target

    def to_dict(self) -> dict[str, Any]:
        """The notebook in EDSL's JSON."""
        return tagged({**self._extras, "name": self.name, "data": self.data, "lint": self.lint}, "Notebook")

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Notebook:
        """The notebook that `to_dict` wrote, here or in EDSL.

        Raises:
            EdslNbError: it is not as it has to be.
        """
        fields = untagged(data, "Notebook")
        if "data" not in fields:
            raise EdslNbError(
                "the JSON of a notebook needs this", field="data", remedy="Pass what to_dict() gave."
            )
        known = {key: fields.pop(key) for key in ("data", "name", "lint") if key in fields}
        return cls._of_stored(known, fields)

    def _facts(self) -> Iterable[tuple[str, Any]]:
        kinds = [cell.get("cell_type") for cell in self.cells if isinstance(cell, Mapping)]
        yield "name", self.name
        yield from ((f"{kind} cells", kinds.count(kind)) for kind in ("markdown", "code"))

    def in_short(self) -> str:
        return f"Notebook {self.name}: {counted(len(self.cells), 'cell')}"

    @classmethod
    def example(cls) -> Self:
        """A notebook to try things with."""
        cell = {
            "cell_type": "code",
            "execution_count": None,
            "id": "hello",
            "metadata": {},
            "outputs": [],
            "source": 'print("Hello, world!")',
        }
        return cls(data={"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def _read(path: Any) -> Any:
    if not isinstance(path, str | os.PathLike) or not str(path).strip() or "\0" in str(path):
        raise EdslNbError(
            "the path of a notebook is wanted", field="path", value=path, remedy="Such as 'analysis.ipynb'."
        )
    try:
        return json.loads(Path(path).expanduser().read_text("utf-8"))
    except OSError as failure:
        raise EdslNbError(
            f"the notebook cannot be read: {failure.strerror or failure}",
            field="path",
            value=str(path),
            remedy=f"Give the path of an .ipynb file; the working folder is {Path.cwd()}.",
        ) from None
    except (ValueError, RecursionError):
        raise EdslNbError(
            "this is no notebook, which is JSON",
            field="path",
            value=str(path),
            remedy="Give the path of an .ipynb file.",
        ) from None


def _check(data: Any, field: str, value: object) -> None:
    if isinstance(data, Mapping):
        notebook = cast(Mapping[str, Any], data)
        if isinstance(notebook.get("cells"), list) and notebook.get("nbformat") == 4:
            return
    raise EdslNbError(
        "this is no notebook of format 4, which has cells",
        field=field,
        value=value,
        remedy="Open it in Jupyter and save it again, which brings it up to date.",
    )
