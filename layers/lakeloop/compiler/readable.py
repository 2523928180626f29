"""What of a contract can be used although something else in it is wrong."""

from collections.abc import Collection
from typing import Any

from pydantic import TypeAdapter

from lakeloop.compiler.problems import Path
from lakeloop.compiler.source import Tree


class Readable:
    """A contract as it is written, and the places at which it is not as the schema wants it."""

    def __init__(self, value: Tree, wrong: Collection[Path]) -> None:
        self._value = value
        self._wrong = wrong

    def get(self, kind: Any, *path: str | int) -> Any:  # noqa: ANN401 mypy takes no annotated type for a type[T]
        """The value at a path as this type; None where nothing stands, or where it or something in it is wrong."""
        if any(place[: len(path)] == path or path[: len(place)] == place for place in self._wrong):
            return None
        found = self._at(path)
        return None if found is None else TypeAdapter(kind).validate_python(found)

    def names(self, *path: str | int) -> list[str]:
        """The keys of the mapping at a path; none where something else stands."""
        found = self._at(path)
        return list(found) if isinstance(found, dict) else []

    def places(self, *path: str | int) -> range:
        """The positions of the list at a path; none where something else stands."""
        found = self._at(path)
        return range(len(found) if isinstance(found, list) else 0)

    def text(self, *path: str | int) -> str | None:
        """The text at a path, right or wrong."""
        found = self._at(path)
        return found if isinstance(found, str) else None

    def _at(self, path: Path) -> Tree:
        found = self._value
        for part in path:
            if isinstance(found, dict):
                found = found.get(str(part))
            elif isinstance(found, list) and isinstance(part, int):
                found = found[part]
            else:
                return None
        return found
