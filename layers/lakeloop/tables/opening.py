"""Which reader a file gets."""

from lakeloop.contract.file import FileFormat
from lakeloop.errors import UnreadableObjectError
from lakeloop.streams import ByteStream
from lakeloop.tables.csv_table import CsvTable
from lakeloop.tables.guesses import FitsContract
from lakeloop.tables.json_lines import JsonLines, Wanted
from lakeloop.tables.parquet_table import ParquetTable
from lakeloop.tables.table import Table
from lakeloop.tables.unpacking import in_utf8, unpacked

COMPRESSED = (".gz", ".gzip", ".zst", ".zstd")
SUFFIXES = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".data": "csv",
    ".dat": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}


def format_of(file: FileFormat, name: str) -> str:
    """What the contract says, else what the name ends with. Raises UnreadableObjectError where neither tells."""
    if file.format:
        return file.format
    plain = name.lower()
    for suffix in COMPRESSED:
        plain = plain.removesuffix(suffix)
    for suffix, known in SUFFIXES.items():
        if plain.endswith(suffix):
            return known
    raise UnreadableObjectError(
        f"{name}: unknown format, the name must end with {', '.join(SUFFIXES)}, or the contract name the format: "
        "`file: {format: csv}`"
    )


def open_table(
    stream: ByteStream,
    file: FileFormat,
    name: str,
    *,
    width: int | None = None,
    expected: FitsContract | None = None,
    wanted: Wanted | None = None,
) -> Table:
    """Read the start of a file up to its header; the records come from `blocks`.

    `name` is the file's, whose suffix may tell the format. `width` is how many columns a CSV without a header has, else
    its first record tells. With `expected` a header that does not fit is refused with what it looks like, where that
    can be said: title lines, data, another delimiter. `wanted` tells which keys of JSON Lines are columns of the frame,
    else all are; objects may have no key in common.

    Raises UnreadableObjectError for an empty file, a broken container, and a header that cannot be read.
    """
    plain = unpacked(stream)
    match format_of(file, name):
        case "csv":
            return CsvTable(in_utf8(plain, file.encoding), file, width=width, expected=expected)
        case "jsonl":
            return JsonLines(in_utf8(plain, file.encoding), file, wanted)
        case _:
            return ParquetTable(plain)
