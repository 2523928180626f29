"""What every section of a contract is."""

from collections.abc import Iterator
from typing import Annotated, NamedTuple, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

Fraction = Annotated[float, Field(ge=0, le=1)]

BROKEN_RULES = "broken_rules"


def as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(as_list, json_schema_input_type=str | list[str])]
"""One text or a list of texts."""


class Broken(NamedTuple):
    """A rule between values that does not hold, as the end of a sentence: "expected ..., found ..."."""

    path: tuple[str, ...]
    """Keys, from the model whose rule it is."""
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{'.'.join(self.path)}: expected {self.expected}, found {self.found}"


class ContractModel(BaseModel):
    """Unknown keys are typing errors in a contract, so they are refused; no value is infinite or no number."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    def broken_rules(self) -> Iterator[Broken]:
        """The rules between its values that do not hold."""
        return iter(())

    @model_validator(mode="after")
    def _rules_hold(self) -> Self:
        if broken := tuple(self.broken_rules()):
            raise PydanticCustomError(BROKEN_RULES, "{said}", {"said": "; ".join(map(str, broken)), "rules": broken})
        return self
