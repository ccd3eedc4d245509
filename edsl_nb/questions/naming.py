"""What questions may be called."""

from __future__ import annotations

import keyword

from edsl_nb.core.errors import QuestionError

#: Endings that EDSL's result columns use for themselves.
_RESERVED_ENDINGS = ("_comment", "_generated_tokens")


def check_name(name: str) -> None:
    """Raise a QuestionError unless a question can have this name."""
    if "{{" in name:  # filled by `loop`; a survey refuses it as it is
        return
    remedy = "Use letters, digits and underscores, such as 'favorite_color'."
    if not name.isidentifier() or keyword.iskeyword(name):
        raise QuestionError(
            "a name has to be an identifier", field="question_name", value=name, remedy=remedy
        )
    for ending in _RESERVED_ENDINGS:
        if name.endswith(ending):
            raise QuestionError(
                f"a name cannot end in {ending!r}, which names a result column",
                field="question_name",
                value=name,
                remedy="Choose another name.",
            )
    if name in ("agent", "scenario"):
        raise QuestionError(
            f"{name!r} names the {name} in templates",
            field="question_name",
            value=name,
            remedy="Choose another name.",
        )
