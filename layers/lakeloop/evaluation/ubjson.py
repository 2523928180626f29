"""Universal Binary JSON, as XGBoost keeps its models in: https://ubjson.org, Draft 12."""

import json
import struct
from array import array
from typing import Any

NUMBERS = {b"i": "b", b"U": "B", b"I": "h", b"l": "i", b"L": "q", b"d": "f", b"D": "d"}
CONSTANTS = {b"T": True, b"F": False, b"Z": None}
SIZES = {kind: struct.calcsize(f">{code}") for kind, code in NUMBERS.items()}


class NotUbjsonError(ValueError):
    """The bytes are no document in Universal Binary JSON."""


def loads(content: bytes) -> Any:  # noqa: ANN401 any document
    """The document; plain JSON is read too. Raises ValueError for what is neither."""
    if content[:2] in (b'{"', b"{}"):
        return json.loads(content)
    try:
        return _Reader(content).value()
    except (IndexError, struct.error, UnicodeDecodeError, RecursionError) as error:
        raise NotUbjsonError(f"no Universal Binary JSON: {error}") from error


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._content = memoryview(content)
        self._place = 0

    def value(self, kind: bytes = b"") -> Any:  # noqa: ANN401 any value
        kind = kind or self._kind()
        if kind in NUMBERS:
            return struct.unpack(f">{NUMBERS[kind]}", self._take(SIZES[kind]))[0]
        if kind in CONSTANTS:
            return CONSTANTS[kind]
        if kind == b"S":
            return self._text()
        if kind == b"[":
            return self._list()
        if kind == b"{":
            return self._object()
        raise NotUbjsonError(f"{kind!r} begins no value, at byte {self._place}")

    def _list(self) -> "list[Any] | array[Any]":
        kind, count = self._announced()
        if kind in NUMBERS and count is not None:
            return self._numbers(kind, count)
        if count is not None:
            return [self.value(kind) for _ in range(count)]
        found = []
        while not self._ends(b"]"):
            found.append(self.value())
        return found

    def _object(self) -> dict[str, Any]:
        kind, count = self._announced()
        found: dict[str, Any] = {}
        while len(found) < count if count is not None else not self._ends(b"}"):
            name = self._text()
            found[name] = self.value(kind)
        return found

    def _announced(self) -> tuple[bytes, int | None]:
        """The kind of all values and their number, where the container says so."""
        kind = b""
        if self._next() == b"$":
            self._take(1)
            kind = self._kind()
        if self._next() == b"#":
            self._take(1)
            return kind, int(self.value())
        return kind, None

    def _numbers(self, kind: bytes, count: int) -> "array[Any]":
        numbers = array(NUMBERS[kind], self._take(count * SIZES[kind]).tobytes())
        # The format is big-endian, as no machine is that runs this.
        numbers.byteswap()
        return numbers

    def _text(self) -> str:
        return bytes(self._take(int(self.value()))).decode()

    def _ends(self, mark: bytes) -> bool:
        if self._next() != mark:
            return False
        self._take(1)
        return True

    def _next(self) -> bytes:
        return bytes(self._content[self._place : self._place + 1])

    def _kind(self) -> bytes:
        return bytes(self._take(1))

    def _take(self, size: int) -> memoryview:
        if size < 0 or self._place + size > len(self._content):
            raise NotUbjsonError("the document ends too early")
        self._place += size
        return self._content[self._place - size : self._place]
