"""Finds the built browser bundles."""

from __future__ import annotations

from pathlib import Path

from edsl_nb.core.errors import EdslNbError

_STATIC = Path(__file__).parent / "static"


class BundleMissing(EdslNbError):
    """The browser part of the widgets has not been built."""


def bundle_file(name: str) -> Path:
    """The path of a built bundle.

    Parameters:
        name: file name in ``edsl_nb/widgets/static``, such as ``table.js``.

    Raises:
        BundleMissing: when the file is not there, as in a source tree that was never built.
    """
    path = _STATIC / name
    if not path.is_file():
        raise BundleMissing(
            "the browser part of the widgets is not built",
            field=f"edsl_nb/widgets/static/{name}",
            remedy="Run `npm ci --ignore-scripts && npm run build` in the project's folder, "
            "or install edsl_nb with pip, which builds it.",
        )
    return path
