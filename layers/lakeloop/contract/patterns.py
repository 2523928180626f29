"""Regular expressions of a contract, in the dialect of Rust's `regex`, which polars has too.

Its time grows with the length of the text and nothing else, so that no cell can hold up a function; what cannot be
had so, looking ahead and back references, is not in the dialect (https://docs.rs/regex). pydantic brings the engine.
"""

import re

from pydantic_core import SchemaError, SchemaValidator, core_schema


class PatternError(ValueError):
    """What is wrong with an expression, in the engine's words."""


class Pattern:
    """One expression. Raises PatternError where it cannot be read, or would take too much memory."""

    def __init__(self, expression: str) -> None:
        self._found = _compiled(expression)
        self._whole = _compiled(rf"\A(?:{expression})\z")

    def matches(self, text: str) -> bool:
        """Whether all of the text is such."""
        return self._whole.isinstance_python(text)

    def found_in(self, text: str) -> bool:
        """Whether some of the text is such."""
        return self._found.isinstance_python(text)


def _compiled(expression: str) -> SchemaValidator:
    try:
        return SchemaValidator(core_schema.str_schema(pattern=expression, regex_engine="rust-regex"))
    except SchemaError as error:
        said = re.search(r"^error: (.+)|SchemaError: (?!regex parse error)(.+)", str(error), re.MULTILINE)
        raise PatternError((said[1] or said[2]).rstrip(".") if said else str(error)) from error
