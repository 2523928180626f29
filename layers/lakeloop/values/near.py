"""Near values of a list, for a person who mistyped one."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import takewhile

MOST_NEAR = 3
LONGEST_COMPARED = 40
# Shorter ones are near to everything.
SHORTEST_MISTYPED = 3
SHORTEST_START = 2


class NearWords:
    """Finds words one letter away, or begun alike, in time that does not grow with the list.

    A file may hold another unlisted value in each of its rows, and a list thousands of values.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._variants: dict[str, list[str]] = {}
        for word in words:
            for variant in _variants(word):
                found = self._variants.setdefault(variant, [])
                if len(found) < MOST_NEAR:
                    found.append(word)
        self._sorted = sorted((_folded(word), word) for word in words)

    def of(self, text: str) -> list[str]:
        """At most three, nearest first."""
        mistyped = (word for variant in _variants(text) for word in self._variants.get(variant, ()))
        return list(dict.fromkeys([*mistyped, *self._begun(_folded(text))]))[:MOST_NEAR]

    def _begun(self, start: str) -> Iterator[str]:
        if len(start) < SHORTEST_START:
            return
        place = bisect_left(self._sorted, (start, ""))
        following = self._sorted[place : place + MOST_NEAR]
        yield from (word for _, word in takewhile(lambda pair: pair[0].startswith(start), following))


def _folded(text: str) -> str:
    """Without case, spaces and marks, where something is left."""
    folded = text[:LONGEST_COMPARED].casefold()
    return "".join(filter(str.isalnum, folded)) or folded


def _variants(text: str) -> Iterator[str]:
    """Itself and itself without one letter: two words one letter apart share one."""
    folded = _folded(text)
    yield folded
    if len(folded) >= SHORTEST_MISTYPED:
        for place in range(len(folded)):
            yield folded[:place] + folded[place + 1 :]
