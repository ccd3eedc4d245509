"""Other names in placeholders, such as ``{{ a.answer }}`` after question `a` was renamed."""

from __future__ import annotations

import re
from collections.abc import Mapping

from edsl_nb.core.syntax import renamed

#: A placeholder or a statement of a template.
_CODE = re.compile(r"(\{\{|\{%)(.*?)(\}\}|%\})", re.DOTALL)


def renamed_placeholders(text: str, names: Mapping[str, str]) -> str:
    """A template with other names in its placeholders; what stands around them stays.

    Parameters:
        names: new names by old ones.
    """
    return _CODE.sub(lambda found: found[1] + renamed(found[2], names) + found[3], text)
