"""Which reader a file gets."""

from collections.abc import Callable, Sequence

from lakeloop.contract.file import FileFormat
from lakeloop.tables.table import ByteStream, Table

FitsContract = Callable[[Sequence[str]], bool]
"""Whether these names are a header that the contract can be read from."""


def open_table(
    stream: ByteStream,
    file: FileFormat,
    name: str,
    *,
    width: int | None = None,
    expected: FitsContract | None = None,
) -> Table:
    """Read the start of a file up to its header; the records come from `blocks`.

    `name` is the file's, whose suffix may tell format and compression. `width` is how many columns a CSV without a
    header has, else its first record tells. With `expected` a header that does not fit is refused with what it looks
    like, where that can be said: title lines, data, another delimiter.

    Raises UnreadableObjectError for an empty file, a broken container, and a header that cannot be read.
    """
    raise NotImplementedError
