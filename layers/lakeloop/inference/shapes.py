"""Tables that are none to train on as they are."""

from collections.abc import Iterator, Sequence

from lakeloop.contract.columns import NUMERIC
from lakeloop.inference.guess import Ask, Guess, Rank
from lakeloop.inference.words import VALUES, VARIABLES

MOST_YEARS = 4
YEARS = frozenset(map(str, range(1800, 2101)))


def no_table(guesses: Sequence[Guess]) -> Iterator[Ask]:
    """A row for each indicator, or a column for each year."""
    names = {guess.name: guess for guess in guesses}
    variable = next((names[name] for name in names if name in VARIABLES and names[name].type == "category"), None)
    value = next((names[name] for name in names if name in VALUES and names[name].type in NUMERIC), None)
    if variable and value:
        yield Ask(
            Rank.NO_TABLE,
            f"this is no table to train on: each row holds one {variable.name}, whose amount is {value.name}. Make a "
            f"column of each {variable.name} first; as it is, it is judged and versioned only",
        )
    years = [guess for guess in guesses if guess.profile.header in YEARS]
    if len(years) > MOST_YEARS:
        yield Ask(
            Rank.NO_TABLE,
            f"this is no table to train on: it has a column for each of {len(years)} years. Make a row of each year "
            "first; as it is, it is judged and versioned only",
        )
