"""What a column may not say although each of its keys is right: what refers to nothing, or has two meanings."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lakeloop.compiler.problems import shown
from lakeloop.contract import Column, FileFormat
from lakeloop.contract.base import Broken
from lakeloop.contract.columns import MOMENTS, NUMERIC
from lakeloop.contract.patterns import Pattern, PatternError
from lakeloop.ingest.headers import folded
from lakeloop.values.canonical import canonical
from lakeloop.values.categories import Categories, spellings
from lakeloop.values.moments import letters_of, unknown_letters
from lakeloop.values.numbers import NumberRules
from lakeloop.values.reading import FALSE_WORDS, TRUE_WORDS, truth

TYPES_OF = {
    "prefix": NUMERIC,
    "suffix": NUMERIC,
    "negative": NUMERIC,
    "decimal": NUMERIC,
    "thousands": NUMERIC,
    "leading_zeros": NUMERIC,
    "format": MOMENTS,
    "timezone": ("timestamp",),
    "century": MOMENTS,
    "from_": MOMENTS,
    "true_values": ("boolean",),
    "false_values": ("boolean",),
    "aliases": ("category",),
    "ignore_case": ("category",),
    "unlisted": ("category",),
}
"""Keys that only columns of some types have."""


def broken(column: Column, file: FileFormat) -> Iterator[Broken]:
    """The rules that one column breaks; paths begin at the column."""
    yield from _types(column)
    yield from _feature(column)
    yield from _pattern(column)
    if column.type in NUMERIC:
        yield from _number(column, file)
    if column.type in MOMENTS:
        yield from _moment(column)
        yield from _joined(column, file)
    if column.type == "boolean":
        yield from _truths(column)
    if column.type == "category":
        yield from _values(column)


def _types(column: Column) -> Iterator[Broken]:
    for key, types in TYPES_OF.items():
        given = getattr(column, key)
        if column.type not in types and given != Column.model_fields[key].get_default(call_default_factory=True):
            yield Broken((key.rstrip("_"),), f"nothing for a column of type {column.type}", _given(given))


def _given(value: object) -> str:
    if isinstance(value, tuple | dict):
        return ", ".join(value)
    return "true" if value is True else shown(value)


def _feature(column: Column) -> Iterator[Broken]:
    if column.feature and column.type in ("string", "skip"):
        yield Broken(("feature",), "a number, boolean, category, date or timestamp as a feature", f"a {column.type}")
    if column.encode == "onehot" and column.type != "category":
        yield Broken(("encode",), f"ordinal for a column of type {column.type}", column.encode)


def _pattern(column: Column) -> Iterator[Broken]:
    try:
        Pattern(column.pattern or "")
    except PatternError as error:
        expected = "a regular expression as Rust reads it, which looks neither ahead nor back"
        yield Broken(("pattern",), expected, f"{shown(column.pattern)} ({error})")


def _number(column: Column, file: FileFormat) -> Iterator[Broken]:
    rules = NumberRules.of(column, file)
    if column.decimal is not None or column.thousands is not None:
        for broken in marks(rules.decimal, rules.thousands):
            # What the column leaves to the file is told at the key that the column has.
            key = broken.path[0] if getattr(column, broken.path[0]) is not None else "decimal"
            yield broken._replace(path=(key,))
    for key, parts in (("prefix", rules.prefix), ("suffix", rules.suffix)):
        if parts and not any(parts):
            yield Broken((key,), 'a text beside ""', '""')
        for part in filter(None, parts):
            yield from _part(key, part, rules)


def _part(key: str, part: str, rules: NumberRules) -> Iterator[Broken]:
    if canonical(part) != part:
        yield Broken((key,), "no white space around it, cells are read without", shown(part))
    elif any(map(str.isdigit, part)):
        yield Broken((key,), "a text without digits", shown(part))
    elif part in (rules.decimal, *rules.thousands, "+", "-"):
        yield Broken((key,), "another text than a mark or sign of the number", shown(part))


def marks(decimal: str, thousands: tuple[str, ...]) -> Iterator[Broken]:
    """The rules of the marks within numbers; they hold for a file and for a column."""
    if decimal.isalnum() or decimal.isspace() or decimal in "+-":
        yield Broken(("decimal",), "a mark such as `.` or `,`", shown(decimal))
    for mark in thousands:
        if mark == decimal:
            yield Broken(("thousands",), f"another mark than the decimal one, which is `{decimal}`", shown(mark))
        elif len(mark) != 1 or mark.isalnum() or mark in "+-":
            yield Broken(("thousands",), "marks of one character that is no letter, digit or sign", shown(mark))


def _moment(column: Column) -> Iterator[Broken]:
    form = "" if column.format in (None, "iso") else column.format or ""
    letters = letters_of(form)
    for letter in unknown_letters(form):
        yield Broken(("format",), "letters of %Y %m %d %H %M %S %f %z %b %B %p %I %j %y", letter)
    for letter in sorted({letter for letter in letters if letters.count(letter) > 1}):
        yield Broken(("format",), "each letter once", f"%{letter} twice")
    for one, other in (("Y", "y"), ("m", "b"), ("m", "B"), ("b", "B"), ("H", "I")):
        if one in letters and other in letters:
            yield Broken(("format",), f"one of %{one} and %{other}", "both")
    if form and not letters:
        yield Broken(("format",), "letters such as %Y-%m-%d, or iso", shown(form))
    if ("I" in letters) != ("p" in letters):
        lacking, there = ("p", "I") if "I" in letters else ("I", "p")
        yield Broken(("format",), f"%{lacking} beside %{there}", "none")
    if "y" in letters and column.century is None:
        yield Broken(("century",), "the first year of the hundred that %y means, as 1950", "nothing")
    if "y" not in letters and column.century is not None:
        yield Broken(("century",), "nothing without %y in the format", str(column.century))
    try:
        ZoneInfo(column.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Broken(("timezone",), "a name such as Europe/Berlin", shown(column.timezone))


def _joined(column: Column, file: FileFormat) -> Iterator[Broken]:
    """Of a column that is made of several."""
    if not column.from_:
        return
    if not file.header:
        yield Broken(("from",), "nothing in files without a header", ", ".join(column.from_))
    if column.header is not None:
        yield Broken(("from",), "either header or from", "both")
    if column.format is None:
        yield Broken(("format",), "how the joined cells are written, as %d.%m.%Y %H:%M", "nothing")
    names = [folded(name) for name in column.from_]
    if not all(names):
        yield Broken(("from",), "names with letters or digits", shown(column.from_[names.index("")]))
    elif len(set(names)) < max(len(names), 2):
        yield Broken(("from",), "the names of two or more columns of the file", ", ".join(column.from_))


def _truths(column: Column) -> Iterator[Broken]:
    true, false = (
        {truth(canonical(word)) for word in given or usual}
        for given, usual in ((column.true_values, TRUE_WORDS), (column.false_values, FALSE_WORDS))
    )
    for word in sorted(true & false):
        yield Broken(("true_values",), "words that are none of false_values (false and 0 unless they are set)", word)
    for word in column.na_values or ():
        if truth(canonical(word)) in true | false:
            yield Broken(("na_values",), "no word for true or false", word)


def _values(column: Column) -> Iterator[Broken]:
    for value in sorted(set(column.aliases) - set(column.allowed)):
        yield Broken(("aliases",), "other spellings by the listed value they mean", value)
    meant: dict[str, str] = {}
    categories = Categories(column)
    own_first = sorted(spellings(column), key=lambda pair: pair[0] != pair[1])
    for value, spelling in own_first:
        known = meant.setdefault(categories.folded(spelling), value)
        key = "allowed" if spelling == value else "aliases"
        if not canonical(spelling):
            yield Broken((key,), "words: an empty cell is none", shown(spelling))
        elif known != value:
            yield Broken((key,), "words that are told apart", f"{shown(spelling)}, which is {shown(known)} already")
    for word in column.na_values or ():
        if categories.lists(canonical(word)):
            yield Broken(("na_values",), "no word that `allowed` or `aliases` lists", word)
