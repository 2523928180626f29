"""YAML as it is written: mappings, lists and text. What a text means, the schema says and not YAML.

So `no`, `on`, `null`, `1.10` and `12:30` are those words, quoted or not, and a value that is left out is none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from lakeloop.compiler.problems import Path, Problem, shown, spelled

Tree = str | None | list["Tree"] | dict[str, "Tree"]

# A contract has five levels.
DEEPEST = 20

# What to do about the usual errors of syntax, by PyYAML's words for them.
HINTS = {
    "'\\t'": "indent with spaces, YAML takes no tab there",
    "mapping values are not allowed here": 'quote a text that holds ": "',
    "found character '": "quote a text that begins with this character",
}


class UnreadableError(Exception):
    """The text is no contract at all; the only problem of its file."""

    def __init__(self, what: str, line: int = 0) -> None:
        super().__init__(what)
        self.what = what
        self.line = line


@dataclass
class Source:
    """A contract as it is written, the line of each part, and what YAML offers that a contract does not take."""

    file: str
    value: dict[str, Tree] = field(default_factory=dict)
    lines: dict[Path, int] = field(default_factory=dict)
    refused: list[tuple[Path, str]] = field(default_factory=list)
    aliases: list[Path] = field(default_factory=list)
    """Where a value stands that is written elsewhere: it is not read."""

    def line(self, path: Path) -> int:
        """Of the part, or of the nearest one around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    @property
    def column_names(self) -> dict[int, str]:
        """Names by position, of the columns that have a name."""
        columns = self.value.get("columns")
        named = enumerate(columns if isinstance(columns, list) else [])
        names = ((place, column.get("name")) for place, column in named if isinstance(column, dict))
        return {place: name for place, name in names if isinstance(name, str) and re.fullmatch(r"\w{1,63}", name)}

    def problem(self, path: Path, what: str) -> Problem:
        return Problem(self.file, self.line(path), spelled(path, self.column_names), what)


def read(file: str, content: bytes) -> Source:
    """Raises UnreadableError where the content is no YAML mapping."""
    source = Source(file)
    events = _Events(decoded(content))
    events.skip(yaml.StreamStartEvent)
    if events.skip(yaml.StreamEndEvent):
        raise UnreadableError("is empty: a contract begins with `name:`")
    start = events.skip(yaml.DocumentStartEvent)
    value = _node(source, events, (), line_of(start) if start else 1)
    events.skip(yaml.DocumentEndEvent)
    if other := events.skip(yaml.DocumentStartEvent):
        raise UnreadableError("holds a second document: one contract a file", line_of(other))
    if not isinstance(value, dict):
        raise UnreadableError(f"expected a mapping that begins with `name:`, found {shown(value)}", source.line(()))
    source.value = value
    return source


def decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UnreadableError(
            f"byte 0x{content[error.start]:02x} is not UTF-8: save the file as UTF-8", line
        ) from error


class _Events:
    """PyYAML's events with one to look ahead at; its errors as ours."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._events = self._read()
        self._next = next(self._events)

    def _read(self) -> Iterator[yaml.Event]:
        try:
            yield from yaml.parse(self._text, Loader=yaml.BaseLoader)
        except yaml.MarkedYAMLError as error:
            raise _syntax_error(error) from error
        except yaml.reader.ReaderError as error:
            character = f"character U+{ord(self._text[error.position]):04X}"
            line = self._text[: error.position].count("\n") + 1
            raise UnreadableError(f"{character} cannot stand in YAML", line) from error
        except ValueError as error:
            raise UnreadableError(f"is not YAML: {error}") from error

    @property
    def line(self) -> int:
        return line_of(self._next)

    def take(self) -> yaml.Event:
        taken = self._next
        self._next = next(self._events, taken)
        return taken

    def skip(self, kind: type[yaml.Event]) -> yaml.Event | None:
        """Take the next event if it is of this kind."""
        return self.take() if isinstance(self._next, kind) else None


def line_of(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _syntax_error(error: yaml.MarkedYAMLError) -> UnreadableError:
    said = error.problem or ""
    mark, begun = error.problem_mark, error.context_mark
    hint = next((hint for words, hint in HINTS.items() if words in said), "")
    if error.context and begun and not hint:
        said += f" {error.context} that begins on line {begun.line + 1}"
    what = "; ".join(filter(None, (said, hint)))
    return UnreadableError(f"column {mark.column + 1}: {what}", mark.line + 1) if mark else UnreadableError(what)


def _node(source: Source, events: _Events, path: Path, line: int) -> Tree:
    """The value at a path, which its parent has on this line."""
    event = events.take()
    source.lines[path] = line
    if len(path) > DEEPEST:
        raise UnreadableError(f"is nested deeper than {DEEPEST} levels", line_of(event))
    if isinstance(event, yaml.AliasEvent):
        source.aliases.append(path)
        source.refused.append((path, f"write the value out: a contract takes no alias such as *{event.anchor}"))
        return None
    if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
        _refuse_marks(source, event, path)
    if isinstance(event, yaml.SequenceStartEvent):
        return _list(source, events, path)
    if isinstance(event, yaml.MappingStartEvent):
        return _mapping(source, events, path)
    return _text(event) if isinstance(event, yaml.ScalarEvent) else None


def _refuse_marks(source: Source, event: yaml.ScalarEvent | yaml.CollectionStartEvent, path: Path) -> None:
    if event.anchor is not None:
        source.refused.append((path, f"take away &{event.anchor}: a contract takes no anchor"))
    if event.tag is not None:
        tag = event.tag.replace("tag:yaml.org,2002:", "!!")
        source.refused.append((path, f"take away {tag}: a contract takes no tag, the schema says what a text means"))


def _text(event: yaml.ScalarEvent) -> str | None:
    if any("\ud800" <= character <= "\udfff" for character in event.value):
        raise UnreadableError("holds half of a character: write it as itself or by \\U", line_of(event))
    return event.value if event.value or event.style else None


def _list(source: Source, events: _Events, path: Path) -> list[Tree]:
    items: list[Tree] = []
    while not events.skip(yaml.SequenceEndEvent):
        items.append(_node(source, events, (*path, len(items)), events.line))
    return items


def _mapping(source: Source, events: _Events, path: Path) -> dict[str, Tree]:
    values: dict[str, Tree] = {}
    while not events.skip(yaml.MappingEndEvent):
        line = events.line
        key = _node(source, events, (*path, ""), line)
        if not isinstance(key, str):
            raise UnreadableError(f"expected a word as a key, found {shown(key)}", line)
        if key in values:
            source.refused.append(((*path, key), f"is there twice, on line {line} again: keep one"))
            # Read where nobody looks, so that the first one counts.
            _node(Source(source.file), events, (*path, key), line)
            continue
        values[key] = _node(source, events, (*path, key), line)
    return values
