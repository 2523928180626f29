"""Plain lines, many at once."""

import re

import polars as pl

from lakeloop.contract.file import WHITESPACE, FileFormat
from lakeloop.tables.lines import BLANK, MARK, RecordRules

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

    def irregular(self, texts: pl.Series, limit: int) -> pl.Series:
        """Whether a line can be more or less than a record, or too long for one."""
        text = pl.col("text")
        marked = pl.any_horizontal(text.str.contains(mark, literal=True) for mark in self._marks)
        if self._quoted:
            # Without marks a line is sure; with quotes alone it is when each opens and closes a field.
            others = pl.any_horizontal(
                text.str.contains(mark, literal=True) for mark in self._marks if mark != self._quote
            )
            marked = marked & (others | ~text.str.contains(self._quoted))
        return texts.to_frame().select(marked | (text.str.len_bytes() > limit)).to_series()

    def comments(self, texts: pl.Series) -> pl.Series:
        if self._comment is None:
            return pl.repeat(value=False, n=len(texts), eager=True)
        return texts.str.starts_with(self._comment)

    def doubtful(self, texts: pl.Series) -> pl.Series:
        """Whether a plain line needs a look by itself: another number of fields, a footer, the header again."""
        text = self._evened(pl.col("text"))
        outside = text.str.replace_all(self._quoted_part, "") if self._quoted else text
        doubtful = outside.str.count_matches(self._delimiter, literal=True) != self._rules.width - 1
        doubtful |= text.str.strip_chars(self._delimiter + self._quote + BLANK) == ""
        if self._rules.header:
            first = re.escape(self._rules.header[0])
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

    def split(self, lines: pl.DataFrame) -> pl.DataFrame:
        """The lines with a column for each field, which they all have."""
        names = [str(place) for place in range(self._rules.width)]
        text = self._evened(pl.col("text"))
        quoted = text.str.contains(self._quote, literal=True) if self._quote else pl.lit(value=False)
        marked = (
            lines.select(quoted.alias("quoted")).to_series()
            if not lines.is_empty()
            else pl.Series([], dtype=pl.Boolean)
        )
        plain = lines.filter(~marked) if marked.any() else lines
        fields = plain.select(text.str.split_exact(self._delimiter, self._rules.width - 1).alias("fields")).unnest(
            "fields"
        )
        fields.columns = names
        parts = [plain.drop("text").hstack(fields)]
        if marked.any():
            parts.append(self._split_quoted(lines.filter(marked), names))
        return pl.concat(parts).sort("_line") if len(parts) > 1 else parts[0]

    def _split_quoted(self, lines: pl.DataFrame, names: list[str]) -> pl.DataFrame:
        rows = [self.fields(text) for text in lines["text"]]
        fields = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
        return lines.drop("text").hstack(fields)

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
