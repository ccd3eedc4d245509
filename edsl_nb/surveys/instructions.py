"""`Instruction`: something that is said to the respondent, and asks nothing."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from edsl_nb.core.code import briefly
from edsl_nb.core.errors import EdslNbError, SurveyError, TemplateError
from edsl_nb.core.objects import DomainObject, tagged, untagged
from edsl_nb.core.templates import Reference, template

_PREAMBLE = "Please note before you answer: "


class Instruction(DomainObject):
    """A text that is put before every later question of a survey. It is no question and has no column.

    Parameters:
        name: unique among the names in its survey.
        text: what is said; a template.
        preamble: said directly before the text; a template.

    Raises:
        SurveyError: a field is not as it has to be.

    Example:
        >>> Instruction("scale", "1 is worst and 5 is best.").said
        'Please note before you answer: 1 is worst and 5 is best.'
    """

    error: ClassVar[type[EdslNbError]] = SurveyError
    saved_as: ClassVar[str] = "Instruction"
    variable: ClassVar[str] = "instruction"

    name: str = Field(min_length=1)
    text: str = Field(min_length=1)
    preamble: str = _PREAMBLE

    def __init__(self, name: str, text: str, preamble: str = _PREAMBLE, **unknown: Any) -> None:
        super().__init__(name=name, text=text, preamble=preamble, **unknown)
        try:
            template(self.said)
        except TemplateError as wrong:
            raise SurveyError(wrong.problem, field="text", value=self.said, remedy=wrong.remedy) from None

    @property
    def said(self) -> str:
        """All that is said: the preamble and the text."""
        return self.preamble + self.text

    @property
    def references(self) -> frozenset[Reference]:
        """All placeholders of the instruction."""
        return template(self.said).references

    def to_dict(self) -> dict[str, Any]:
        """The instruction in EDSL's JSON."""
        data = {"name": self.name, "text": self.text, "preamble": self.preamble}
        return tagged({**self._extras, **data}, "Instruction")

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Instruction:
        """The instruction that `to_dict` wrote, here or in EDSL.

        Raises:
            SurveyError: a field is missing or not as it has to be.
        """
        fields = untagged(data, "Instruction")
        for key in ("name", "text"):
            if key not in fields:
                raise SurveyError(
                    "the JSON of an Instruction needs this", field=key, remedy="Pass what to_dict() gave."
                )
        known = {key: fields.pop(key) for key in cls.model_fields if key in fields}
        return cls._of_stored(known, fields)

    @classmethod
    def example(cls) -> Instruction:
        """An instruction to try things with."""
        return cls("scale", "1 is worst and 5 is best.")

    def in_short(self) -> str:
        return f'Instruction {self.name}: "{briefly(self.text)}"'
