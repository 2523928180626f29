"""Lists of values that lie in files of their own beside a contract: `allowed: {file: zips.txt}`, one value a line."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from lakeloop.compiler.problems import Path as Place
from lakeloop.compiler.problems import difference, shown
from lakeloop.compiler.source import Source, Tree, UnreadableError, decoded
from lakeloop.contract.base import Broken
from lakeloop.values.canonical import canonical

# A function reads the contract when it starts.
LARGEST = 1024 * 1024


class Lists(NamedTuple):
    """The SHA-256 of each file by its name, and what is wrong: where, and in words."""

    digests: Mapping[str, str]
    refused: tuple[tuple[Place, str], ...]


def both(some: Lists, others: Lists) -> Lists:
    """Of two kinds of files beside a contract."""
    return Lists({**some.digests, **others.digests}, (*some.refused, *others.refused))


def put_in(source: Source, folder: Path) -> Lists:
    """Put the values in the place of each file's name; files are looked for in the contract's folder."""
    digests: dict[str, str] = {}
    refused: list[tuple[Place, str]] = []
    for place, column in _mappings(source):
        try:
            name = _name(column["allowed"])
            content = _content(folder, name)
            lines = decoded(content).splitlines()
        except UnreadableError as error:
            refused.append((place, error.what))
            # No second problem where the values are missing.
            source.aliases.append(place)
            continue
        column["allowed"] = [value for line in lines if (value := canonical(line))]
        digests[name] = hashlib.sha256(content).hexdigest()
    return Lists(digests, tuple(refused))


def _mappings(source: Source) -> Iterator[tuple[Place, dict[str, Tree]]]:
    """The columns whose values are no list."""
    columns = source.value.get("columns")
    for position, column in enumerate(columns if isinstance(columns, list) else []):
        if isinstance(column, dict) and isinstance(column.get("allowed"), dict):
            yield ("columns", position, "allowed"), column


def _name(listed: Tree) -> str:
    match listed:
        case {"file": str(name), **others} if not others:
            return name
        case _:
            raise UnreadableError(difference(Broken((), "a list of values or {file: NAME}", shown(listed))))


def _content(folder: Path, name: str) -> bytes:
    """Raises UnreadableError, which says what stands in the way."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise UnreadableError(difference(Broken((), "a file beside the contract or in a folder there", shown(name))))
    try:
        content = (folder / path).read_bytes()
    except (OSError, ValueError) as error:
        expected = f"a file beside the contract, one value a line ({getattr(error, 'strerror', error)})"
        raise UnreadableError(difference(Broken((), expected, shown(name)))) from error
    if len(content) > LARGEST:
        raise UnreadableError(difference(Broken((), "a list of at most 1 MiB", f"{len(content):,} bytes in {name}")))
    return content
