"""Files as text, and what is inferred of them."""

import io
from pathlib import Path

from lakeloop.contract import Column
from lakeloop.inference.infer import Inferred, infer
from lakeloop.inference.landed import Landed
from lakeloop.inference.roles import Wishes

Content = str | bytes


def landed(content: Content, name: str = "table.csv") -> Landed:
    raw = content.encode() if isinstance(content, str) else content
    return Landed(name, lambda: io.BytesIO(raw))


def on_disk(path: Path) -> Landed:
    return Landed(path.name, lambda: path.open("rb"))


def inferred(*contents: Content, name: str = "table.csv", **wishes: object) -> Inferred:
    return infer([landed(content, name) for content in contents], Wishes(**wishes))  # type: ignore[arg-type]


def column(cells: list[str]) -> Column:
    """The column that cells below each other are, beside one that numbers the rows."""
    rows = "\n".join(f'{place},"{cell}"' for place, cell in enumerate(cells, start=1))
    return inferred(f"n,x\n{rows}\n", label="n").contract.column("x")


def asked(found: Inferred) -> list[str]:
    return [ask.text for ask in found.asks]
