"""Plain lines, many at once."""

import re

import polars as pl
from polars.exceptions import ComputeError

from lakeloop.contract.file import WHITESPACE, FileFormat
from lakeloop.tables.lines import BLANK, MARK, RecordRules
from lakeloop.tables.plain import PlainPart

REPLACEMENT = "\ufffd"
"""Stands where bytes could not be decoded."""
SPACES = r"[ \t]+"


class Bulk:
    """Knows which lines of a dialect are plain, and splits those."""

    def __init__(self, file: FileFormat, rules: RecordRules) -> None:
        self._rules = rules
        self._comment = file.comment
        self._quote = file.quotechar or ""
        self._marks = [mark for mark in (self._quote, file.escapechar, REPLACEMENT) if mark]
        self._spaces = file.delimiter == WHITESPACE
        self._delimiter = " " if self._spaces else file.delimiter
        simple = self._quote and not file.escapechar and not self._spaces and len(file.delimiter) == 1
        self._quoted = _quoted_line(self._quote, self._delimiter) if simple else None
        self._compiled = not self._spaces and len(self._delimiter.encode()) == 1 and len(self._quote.encode()) <= 1
        self._names = [str(place) for place in range(rules.width)]

    def irregular(self, texts: pl.Series, limit: int) -> pl.Series:
        """The places of lines that can be more or less than a record, or too long for one."""
        others = [mark for mark in self._marks if not (self._quoted and mark == self._quote)]
        text = pl.col("text")
        marked = pl.any_horizontal(text.str.len_bytes() > limit, *(text.str.contains(m, literal=True) for m in others))
        places = texts.to_frame().select(marked).to_series().arg_true()
        if not self._quoted:
            return places
        # With quotes alone a line is sure when each opens and closes a field.
        quoted = texts.str.contains(self._quote, literal=True).arg_true()
        unsure = quoted.filter(~texts.gather(quoted).str.contains(self._quoted))
        return pl.concat([places, unsure]).unique().sort() if len(unsure) else places

    def without_comments(self, lines: pl.DataFrame) -> pl.DataFrame:
        return lines if self._comment is None else lines.filter(~pl.col("text").str.starts_with(self._comment))

    def doubtful(self, texts: pl.Series) -> pl.Series:
        """Whether a plain line needs a look by itself: another number of fields, a footer, the header again."""
        text = self._evened(pl.col("text"))
        outside = text.str.replace_all(self._quoted_part, "") if self._quoted else text
        doubtful = outside.str.count_matches(self._delimiter, literal=True) != self._rules.width - 1
        doubtful |= text.str.strip_chars(self._delimiter + self._quote + BLANK) == ""
        if self._rules.header:
            first = f"(?:{'|'.join(map(re.escape, self._rules.header))})"
            doubtful |= text.str.contains(
                rf"^{MARK}*\s*{re.escape(self._quote)}?{first}\s*{re.escape(self._quote)}?(?:{re.escape(self._delimiter)}|$)"
            )
        if self._rules.footer:
            doubtful |= pl.lit(value=True)
        return texts.to_frame().select(doubtful).to_series()

    def fields(self, text: str) -> list[str]:
        """The fields of one plain line."""
        if self._spaces:
            return re.split(SPACES, text.strip(BLANK))
        if not self._quote or self._quote not in text:
            return text.split(self._delimiter)
        parts = re.findall(self._part, text)
        return [part[1:-1] if part.startswith(self._quote) else part for part in parts]

    def parsed(self, lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series] | None:
        """The lines with a column for each field, and the places of those that are doubtful all the same.

        None where the compiled parser cannot tell that each line has as many fields as there are columns.
        """
        if not self.is_compiled:
            return None
        fields = self._read(lines["text"])
        if fields is None:
            return None
        places = self.suspicious(fields)
        doubtful = places.filter(self.doubtful(lines["text"].gather(places))) if len(places) else places
        return lines.drop("text").hstack(fields), doubtful

    @property
    def is_compiled(self) -> bool:
        """Whether the compiled parser knows the dialect."""
        return self._compiled and not self._rules.footer

    def read(self, part: PlainPart) -> pl.DataFrame | None:
        """The records of a part with a column for each field; None where they are not as many as it has."""
        return self._compiled_fields(part.text, part.records)

    def suspicious(self, fields: pl.DataFrame) -> pl.Series:
        """The places of records that may be doubtful.

        A line that ends too early has nothing in its last column; one that is the header again begins with one of its
        names, in whatever order.
        """
        last, first = pl.col(self._names[-1]), pl.col("0")
        names = ["", *(self._rules.header or [])]
        return fields.select(
            (
                last.is_null()
                | (last == "")
                | first.is_null()
                | first.is_in(names)
                | first.str.strip_chars(MARK + BLANK).is_in(names)
            ).arg_true()
        ).to_series()

    def split(self, lines: pl.DataFrame) -> pl.DataFrame:
        """The lines with a column for each field, which they all have."""
        text = self._evened(pl.col("text"))
        quoted = lines["text"].str.contains(self._quote, literal=True).any() if self._quote else False
        if self._compiled and (fields := self._read(lines["text"])) is not None:
            pass
        elif quoted:
            rows = [self.fields(line) for line in lines["text"]]
            fields = pl.DataFrame(rows, schema=dict.fromkeys(self._names, pl.String), orient="row")
        else:
            fields = lines.select(text.str.split_exact(self._delimiter, self._rules.width - 1).alias("fields")).unnest(
                "fields"
            )
            fields.columns = self._names
        return lines.drop("text").hstack(fields)

    def _read(self, texts: pl.Series) -> pl.DataFrame | None:
        """Lines that are a record each, by the compiled parser."""
        if texts.is_empty():
            return pl.DataFrame(schema=dict.fromkeys(self._names, pl.String))
        return self._compiled_fields(texts.str.join("\n").cast(pl.Binary)[0], len(texts))

    def _compiled_fields(self, text: bytes, records: int) -> pl.DataFrame | None:
        """The parser refuses a line with too many fields and passes over one without anything."""
        # A header of its own: at a file's start the parser looks for marks, magic bytes and blank lines.
        head = self._delimiter.join(self._names).encode()
        try:
            fields = pl.read_csv(
                b"\n".join([head, text]),
                schema=dict.fromkeys(self._names, pl.String),
                separator=self._delimiter,
                quote_char=self._quote if self._quote and self._quote.encode() in text else None,
            )
        except ComputeError:
            return None
        return fields if fields.height == records else None

    def _evened(self, text: pl.Expr) -> pl.Expr:
        return text.str.strip_chars(BLANK).str.replace_all(SPACES, " ") if self._spaces else text

    @property
    def _quoted_part(self) -> str:
        quote = re.escape(self._quote)
        return f"{quote}[^{quote}]*{quote}"

    @property
    def _part(self) -> str:
        """A field: what stands between two delimiters, or between quotes."""
        delimiter = re.escape(self._delimiter)
        return f"(?:^|(?<={delimiter}))({self._quoted_part}|[^{delimiter}]*)(?={delimiter}|$)"


def _quoted_line(quote: str, delimiter: str) -> str:
    """A line all of whose quotes open at a field's start and close before a delimiter, none of them doubled."""
    mark, between = re.escape(quote), re.escape(delimiter)
    part = f"(?:{mark}[^{mark}]*{mark}|[^{mark}{between}]*)"
    return f"^{part}(?:{between}{part})*$"
