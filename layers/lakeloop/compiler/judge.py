"""Every problem of every contract at once."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from lakeloop.compiler import aws, language, lists, programs
from lakeloop.compiler.expected import expectation, keys_at, place
from lakeloop.compiler.problems import Path as Place
from lakeloop.compiler.problems import Problem, difference, shown
from lakeloop.compiler.readable import Readable
from lakeloop.compiler.source import Source, UnreadableError, read
from lakeloop.compiler.warnings import warned
from lakeloop.contract import Column, DatasetContract, rules
from lakeloop.contract.base import BROKEN_RULES, Broken, Texts

Error = Mapping[str, Any]
"""One entry of pydantic's list of errors."""


@dataclass(frozen=True)
class Verdict:
    """A contract, or what is wrong with its file."""

    contract: DatasetContract | None
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...] = ()
    """What is right and hardly meant, or does less than it says."""
    lists: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of the files from which values were read, by their names."""


def judge(file: str, content: bytes, folder: Path = Path()) -> Verdict:
    """The verdict on one file, which is called `file`; lists of values lie in its folder."""
    try:
        source = read(file, content)
    except UnreadableError as error:
        return Verdict(None, (Problem(file, error.line, "", error.what),))
    read_files = lists.both(lists.put_in(source, folder), programs.put_in(source, folder))
    contract, errors = _validated(source.value)
    problems = [*_problems(source, errors), *(source.problem(*refused) for refused in read_files.refused)]
    name = source.value.get("name")
    stem = file.rpartition("/")[2].removesuffix(".yaml")
    if isinstance(name, str) and name != stem:
        problems.append(source.problem(("name",), f"expected {stem}, as the file is called, found {shown(name)}"))
    if contract and not problems:
        problems = [
            source.problem(_place(found.path, source), difference(found)) for found in language.broken(contract)
        ]
    if problems:
        return Verdict(None, tuple(sorted(set(problems), key=lambda problem: (problem.line, str(problem)))))
    told = warned(contract) if contract else ()
    warnings = [source.problem(_place(path, source), f"warning: {sentence}") for path, sentence in told]
    return Verdict(contract, (), tuple(sorted(warnings, key=lambda warning: warning.line)), read_files.digests)


def _validated(value: object) -> tuple[DatasetContract | None, list[Error]]:
    try:
        return DatasetContract.model_validate(value, by_alias=True, by_name=False), []
    except ValidationError as error:
        # Rules of the contract as a whole are judged below, on what is readable.
        return None, [_placed(dict(found)) for found in error.errors(include_url=False) if found["loc"]]


def _placed(error: dict[str, Any]) -> Error:
    return {**error, "loc": place(error["loc"], unknown_key=error["type"] == "extra_forbidden")}


def _problems(source: Source, errors: Iterable[Error]) -> Iterator[Problem]:
    for path, what in source.refused:
        yield source.problem(path, what)
    for error in errors:
        if error["loc"] not in source.aliases:
            yield from _of_schema(source, error)
    readable = Readable(source.value, [*source.aliases, *(_written(error["loc"], source) for error in errors)])
    for broken in (*rules.broken(_draft(readable)), *aws.broken(readable)):
        yield source.problem(_place(broken.path, source), difference(broken))


def _of_schema(source: Source, error: Error) -> Iterator[Problem]:
    path: Place = error["loc"]
    if error["type"] == BROKEN_RULES:
        for broken in error["ctx"]["rules"]:
            yield source.problem(_written((*path, *broken.path), source), difference(broken))
    elif error["type"] == "extra_forbidden":
        yield source.problem(_written(path, source), _unknown_key(path))
    elif error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"]:
        # pydantic counts the items that are right; each of the others is told by itself.
        return
    else:
        found = None if error["type"] == "missing" else error["input"]
        yield source.problem(_written(path, source), difference(Broken((), expectation(path), shown(found))))


def _written(path: Place, source: Source) -> Place:
    """The place in the file: fractions may stand in `splits` alone."""
    splits = source.value.get("splits")
    alone = isinstance(splits, dict) and "fractions" not in splits
    return ("splits", *path[2:]) if alone and path[:2] == ("splits", "fractions") else path


def _unknown_key(path: Place) -> str:
    known = keys_at(path[:-1])
    near = difflib.get_close_matches(str(path[-1]), known, n=1)
    return f"unknown key, did you mean {near[0]}?" if near else f"unknown key, expected one of {', '.join(known)}"


def _draft(readable: Readable) -> rules.Draft:
    places = readable.places("columns")
    columns = [readable.get(Column, "columns", place) for place in places]
    return rules.Draft(
        problem=cast("rules.Problem | None", readable.get(str, "problem")),
        row_key=readable.get(Texts, "row_key"),
        label=readable.get(str, "label"),
        positive_class=readable.get(str, "positive_class"),
        metrics={section: readable.get(str, section, "metric") for section in ("training", "promotion")},
        names=tuple(filter(None, (readable.text("columns", place, "name") for place in places))),
        columns={column.name: column for column in columns if column},
    )


def _place(path: Place, source: Source) -> Place:
    """Rules name a column; a place in the file has its position."""
    if len(path) > 1 and path[0] == "columns":
        position = next((place for place, name in source.column_names.items() if name == path[1]), None)
        if position is not None:
            return ("columns", position, *path[2:])
    return path
