"""A file as it would be dropped."""

from collections.abc import Callable
from dataclasses import dataclass

from lakeloop.streams import ByteStream


@dataclass(frozen=True)
class Landed:
    """Its name, whose suffix may tell the format, and what opens it from its start."""

    name: str
    open: Callable[[], ByteStream]
