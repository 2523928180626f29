"""Which files are set aside whole, and what a delivery does to the rows before it."""

from typing import Annotated, Literal

from pydantic import Field

from lakeloop.contract.base import ContractModel, Fraction

Repeats = Literal["reject", "last", "keep"]
"""The same key again in one file: the first stays, the last stays, or all do."""

Delivery = Literal["append", "upsert", "snapshot"]
"""A file adds to the rows on main, replaces the rows of its keys, or replaces all."""


DeliveryUnit = Literal["file", "folder"]
"""What is delivered at once: a file, or all files of a folder when its _SUCCESS is there."""


OnDelete = Literal["keep", "remove"]
"""The rows of a file that is deleted in S3 stay on main, or go."""


class Quality(ContractModel):
    """A file that breaks one of these limits is quarantined whole."""

    max_rejected_fraction: Fraction = 0.1
    """A file of which more rows are refused is set aside whole; repeats and rows without a label do not count."""
    min_rows: Annotated[int, Field(ge=1)] = 1
    """A file of fewer rows is set aside whole."""
