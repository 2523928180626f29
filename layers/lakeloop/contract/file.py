"""How dropped files look; left out for a plain CSV."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from lakeloop.contract.base import ContractModel, Texts

WHITESPACE = "whitespace"
"""The delimiter of columns that are aligned with runs of spaces and tabs."""


NO_WORDS = ("false", "no", "off")


def _no_quotes(value: object) -> object:
    return False if isinstance(value, str) and value.lower() in NO_WORDS else value


Quotes = Annotated[Annotated[str, Field(min_length=1, max_length=1)] | Literal[False], BeforeValidator(_no_quotes)]
"""One character, or `false`: no field is quoted."""


class FileFormat(ContractModel):
    """The words are those of pandas' `read_csv` where it has one."""

    format: Literal["csv", "jsonl", "parquet"] | None = None
    """Left out: by the suffix of the name."""
    encoding: str = "utf-8"
    """As Python calls it; undecodable bytes cost their line."""
    delimiter: Annotated[str, Field(min_length=1)] = ","
    """One or more characters, or `whitespace`."""
    quotechar: Quotes = '"'
    """What stands around a field that holds the delimiter; `false`: no field is quoted."""
    escapechar: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    """Where quotes are escaped so and not doubled."""
    header: bool = True
    """Without one the columns stand in the order of the contract."""
    skiprows: Annotated[int, Field(ge=0)] = 0
    """Lines before the header."""
    skip_after_header: Annotated[int, Field(ge=0)] = 0
    """Lines between the header and the rows, of units or a second header."""
    comment: Annotated[str, Field(min_length=1)] | None = None
    """A line that begins so is no row."""
    footer: str | None = None
    """Regular expression: a record whose first cell it is found in is no row."""
    decimal: Annotated[str, Field(min_length=1, max_length=1)] = "."
    """The decimal mark. Another one than a point forbids a point that is none of `thousands`."""
    thousands: Texts = ()
    """Characters that may stand before each three digits."""
    na_values: Texts = ()
    """Words for no value. The empty field always is none."""
    unlisted_columns: Literal["reject", "ignore"] = "reject"
    """Whether a file may have columns that the contract does not name; what is ignored is counted."""
