"""What the section `file` may not say although each of its keys is right by itself."""

import codecs
from collections.abc import Iterator

from lakeloop.compiler.column_rules import marks
from lakeloop.compiler.problems import shown
from lakeloop.contract import FileFormat
from lakeloop.contract.base import Broken
from lakeloop.contract.patterns import Pattern, PatternError

OF_CSV = ("delimiter", "quotechar", "escapechar", "header", "skiprows", "skip_after_header", "comment", "footer")
"""Keys that say how lines are read."""
DELIMITERS = {
    "\\t": 'a tab between double quotes, "\\t"',
    "tab": 'a tab between double quotes, "\\t"',
    "\\s+": "whitespace, for runs of spaces and tabs",
    "\\|": "the character itself, |: a delimiter is no regular expression",
}
"""What people write who mean something else, in lower case."""


def broken(file: FileFormat) -> Iterator[Broken]:
    """The rules that it breaks; paths begin at the section."""
    yield from _format(file)
    yield from _delimiter(file)
    yield from _marks_of_lines(file)
    yield from marks(file.decimal, file.thousands)
    try:
        Pattern(file.footer or "")
    except PatternError as error:
        expected = "a regular expression as Rust reads it, which looks neither ahead nor back"
        yield Broken(("footer",), expected, f"{shown(file.footer)} ({error})")
    try:
        codecs.getincrementaldecoder(file.encoding)
    except LookupError:
        yield Broken(("encoding",), "the name of an encoding, such as utf-8 or windows-1252", shown(file.encoding))


def _format(file: FileFormat) -> Iterator[Broken]:
    if file.format in ("jsonl", "parquet"):
        for key in (*OF_CSV, *(["encoding"] if file.format == "parquet" else [])):
            if getattr(file, key) != FileFormat.model_fields[key].default:
                yield Broken((key,), f"nothing for {file.format}", shown(getattr(file, key)))


def _delimiter(file: FileFormat) -> Iterator[Broken]:
    delimiter = file.delimiter
    if meant := DELIMITERS.get(delimiter.lower()):
        yield Broken(("delimiter",), meant, shown(delimiter))
    elif "\n" in delimiter or "\r" in delimiter:
        yield Broken(("delimiter",), "no line end, which ends a record", shown(delimiter))


def _marks_of_lines(file: FileFormat) -> Iterator[Broken]:
    """Each character has one meaning; a quote may escape itself."""
    quote = file.quotechar or ""
    if quote and quote in file.delimiter:
        yield Broken(("quotechar",), "another character than those of the delimiter", shown(quote))
    if file.escapechar and file.escapechar in file.delimiter:
        yield Broken(("escapechar",), "another character than those of the delimiter", shown(file.escapechar))
    for key, mark in (("quotechar", quote), ("escapechar", file.escapechar or "")):
        if mark.isalnum() or mark.isspace():
            yield Broken((key,), "no letter, digit or white space", shown(mark))
    if not file.header and file.skip_after_header:
        yield Broken(("skip_after_header",), "nothing without a header", str(file.skip_after_header))
