"""The Range header of HTTP, in the one form object readers use."""

from __future__ import annotations

import re

from lakeloop.local.lakefs.errors import BadRequest, RangeNotSatisfiable

_RANGE = re.compile(r"bytes=(?P<first>\d*)-(?P<last>\d*)")


def parse(header: str | None, size: int) -> tuple[int, int] | None:
    """The first and last position asked for, inside an object of `size` bytes; none for all of it."""
    if header is None:
        return None
    if not header.startswith("bytes="):
        raise BadRequest(f"the range {header!r} is not in bytes")
    match = _RANGE.fullmatch(header)
    if match is None or not (match["first"] or match["last"]):
        raise RangeNotSatisfiable(size)
    if match["first"]:
        first, last = int(match["first"]), min(int(match["last"] or size), size - 1)
    else:
        first, last = max(0, size - int(match["last"])), size - 1
    if first > last:
        raise RangeNotSatisfiable(size)
    return first, last
