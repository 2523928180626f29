"""Which column of a file is which column of the contract.

A column with `header:` is found by canonical equality, case included. Any other is found by its name, both sides in
lower case and cut to letters, marks and digits of any script: `customerID` is customer_id.
"""

import difflib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from lakeloop.contract import Column, DatasetContract
from lakeloop.values.canonical import canonical
from lakeloop.values.refusal import short

LONGEST_NAMES = 40
MOST_COMPARED = 1000
LONGEST_NAME = 40
WORDS = frozenset("LMN")
"""Letters, marks and numbers: the first letters of their general categories in Unicode."""


@dataclass(frozen=True)
class Matched:
    """Where each column of the contract lies in a file, and why the file does not fit, as sentences.

    `places` has several positions for a column that is made from several, none for one that the file lacks.
    `unlisted` are the names that no column claims, by position. `clashes` are names of which a row may give one only.
    """

    places: Mapping[str, tuple[int, ...]]
    unlisted: Mapping[int, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    clashes: tuple["Clash", ...] = ()


@dataclass(frozen=True)
class Clash:
    """Names that are spellings of one column, of which a row may have one, or one that would be several columns."""

    name: str
    """Of the column that two names are, else of the one that the name would be, too."""
    places: tuple[int, ...]
    rule: str

    @property
    def rule_of_keys(self) -> str:
        """Without places or other keys, which depend on the objects around."""
        return f"one key that is {self.name}: say which by `header:`"


def by_position(contract: DatasetContract) -> Matched:
    """Files without a header: the columns stand in the contract's order."""
    return Matched({column.name: (place,) for place, column in enumerate(contract.columns)})


def match(contract: DatasetContract, header: Sequence[str], *, complete: bool = True) -> Matched:
    """The match of a header's names. Where it is not `complete`, as keys of JSON are, each row is judged by itself."""
    names = [canonical(name) for name in header]
    found = _Places.of(names)
    claims = {column.name: [found.claimed(part) for part in _spellings(column)] for column in contract.columns}
    claimed = {place for found in claims.values() for places in found for place in places}
    unlisted = {place: name for place, name in enumerate(names) if place not in claimed}
    places = {name: tuple(places[0] for places in found) if all(found) else () for name, found in claims.items()}
    clashes = tuple(_clashes(claims, names))
    if not complete:
        return Matched(places, unlisted, clashes=clashes)
    problems = [*(clash.rule for clash in clashes), *_not_fitting(contract, claims, unlisted)]
    return Matched(places, unlisted, tuple(map(short, problems)), clashes)


def _not_fitting(
    contract: DatasetContract, claims: Mapping[str, list[list[int]]], unlisted: Mapping[int, str]
) -> Iterator[str]:
    # A line in which no column is found may be a row, of which nothing sensitive may be told.
    told = any(place for places in claims.values() for place in places) or not contract.sensitive
    for column in contract.columns:
        # A column that is not there may be one that is there under another name.
        if not all(claims[column.name]) and not (column.nullable and not unlisted):
            yield _missing(column, list(unlisted.values()) if told else [])
    if unlisted and contract.file.unlisted_columns == "reject" and told:
        yield _unlisted(list(unlisted.items()))


def folded(name: str) -> str:
    """What two spellings of one name have in common."""
    return "".join(character for character in canonical(name).casefold() if unicodedata.category(character)[0] in WORDS)


def disputed(contract: DatasetContract) -> Iterator[tuple[Column, str, str]]:
    """Columns that claim a header which an earlier one claims: the column, the earlier one's name, and the header."""
    # Owners by the headers they spell, by what remains of these, and by the names they go by.
    exact: dict[str, str] = {}
    spelled: dict[str, str] = {}
    loose: dict[str, str] = {}
    for column in contract.columns:
        for spelling in _spellings(column):
            for name in sorted(spelling.names):
                short = folded(name)
                other = loose.get(short) or (exact.get(name) if spelling.exact else spelled.get(short))
                if other not in (None, column.name):
                    yield column, str(other), name
                if spelling.exact:
                    exact[name] = spelled[short] = column.name
                else:
                    loose[short] = column.name


@dataclass(frozen=True)
class _Spelling:
    names: frozenset[str]
    exact: bool


def _spellings(column: Column) -> list[_Spelling]:
    """One for each column of the file that the column is made of."""
    if column.from_:
        return [_Spelling(frozenset({folded(name)}), exact=False) for name in column.from_]
    if column.header is not None:
        return [_Spelling(frozenset(map(canonical, column.header)), exact=True)]
    return [_Spelling(frozenset({folded(column.name)}), exact=False)]


def claimed(contract: DatasetContract) -> tuple[frozenset[str], frozenset[str]]:
    """The canonical names that columns claim as they are, and what remains of those that they claim in any spelling."""
    spellings = [spelling for column in contract.columns for spelling in _spellings(column)]
    exact, loose = ([part.names for part in spellings if part.exact == way] for way in (True, False))
    return frozenset().union(*exact), frozenset().union(*loose)


@dataclass(frozen=True)
class _Places:
    """Where each name of a header stands, as it is and by what remains of it; an object may have many thousands."""

    exact: Mapping[str, list[int]]
    loose: Mapping[str, list[int]]

    @classmethod
    def of(cls, names: Sequence[str]) -> "_Places":
        exact: dict[str, list[int]] = {}
        loose: dict[str, list[int]] = {}
        for place, name in enumerate(names):
            exact.setdefault(name, []).append(place)
            loose.setdefault(folded(name), []).append(place)
        return cls(exact, loose)

    def claimed(self, spelling: _Spelling) -> list[int]:
        places = self.exact if spelling.exact else self.loose
        return sorted(place for name in spelling.names for place in places.get(name, ()))


def _clashes(claims: Mapping[str, list[list[int]]], header: Sequence[str]) -> Iterator[Clash]:
    claimants: dict[int, list[str]] = {}
    for name, found in claims.items():
        for places in found:
            if len(places) > 1:
                both = f"{_called(places[0], header)} and {_called(places[1], header)}"
                yield Clash(name, tuple(places), f"{both} are both {name}: say which by `header:`")
        for place in sorted({place for places in found for place in places}):
            claimants.setdefault(place, []).append(name)
    for place, names in claimants.items():
        if len(names) > 1:
            rule = f"{_called(place, header)} would be both {names[0]} and {names[1]}: say which by `header:`"
            yield Clash(names[1], (place,), rule)


def _called(place: int, header: Sequence[str]) -> str:
    return f"column {place + 1} ({_shown(header[place])})"


def _missing(column: Column, unlisted: Sequence[str]) -> str:
    name = column.header[0] if column.header else column.name
    near = difflib.get_close_matches(name.casefold(), [other.casefold() for other in unlisted[:MOST_COMPARED]], n=1)
    spelled = next((other for other in unlisted if near and other.casefold() == near[0]), "")
    hint = f": is it {_shown(spelled)}? Then add `header: {spelled[:LONGEST_NAME]}`" if spelled else ""
    called = f" (in the file {_shown(name)})" if column.header else ""
    return f"missing column: {column.name}{called}{hint}"


def _unlisted(columns: Sequence[tuple[int, str]]) -> str:
    names = [_shown(name) if name else f"column {place + 1}, which has no name" for place, name in columns]
    # As many as leave room for what helps.
    most = max(1, sum(length <= LONGEST_NAMES for length in accumulate(map(len, names))))
    more = f" and {len(names) - most} more" if len(names) > most else ""
    index = any(not name or name.startswith("Unnamed: ") for _, name in columns)
    hint = " (pandas saves its index so unless told `index=False`)" if index else ""
    listed = ", ".join(names[:most]) + more
    return f"unknown column: {listed}{hint}: list it with `type: skip`, or set `file: {{unlisted_columns: ignore}}`"


def _shown(name: str) -> str:
    return f"`{name[:LONGEST_NAME]}`" if name else "without a name"
