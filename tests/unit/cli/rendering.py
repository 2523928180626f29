"""Tables as text."""

import io

from rich.console import Console, RenderableType


def rendered(view: RenderableType) -> str:
    out = io.StringIO()
    Console(file=out, width=300).print(view)
    return out.getvalue()


def console_of(width: int) -> Console:
    return Console(file=io.StringIO(), width=width)
