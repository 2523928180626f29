"""Commands that are imported when they run, so that `--help` and completion need not wait for boto3 and polars."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command


@dataclass(frozen=True)
class Lazy:
    """Where a command lives, `module:name` of a function or of a group, and the line about it in `--help`."""

    path: str
    help: str

    def load(self, name: str) -> Any:  # noqa: ANN401 typer gives the commands of its own click no public type
        module, _, attribute = self.path.partition(":")
        found = getattr(importlib.import_module(module), attribute)
        if isinstance(found, typer.Typer):
            return get_command(found)
        alone = typer.Typer(add_completion=False)
        alone.command(name)(found)
        return get_command(alone)


class LazyGroup(TyperGroup):
    """A group that knows its commands by their lines in `--help` until one of them is asked for."""

    table: ClassVar[Mapping[str, Lazy]]

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 handed on as they are
        super().__init__(**options)
        self.commands = {name: TyperCommand(name, help=lazy.help) for name, lazy in self.table.items()}

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:  # noqa: ANN401
        name, _, rest = super().resolve_command(ctx, args)
        return name, self.table[name].load(name) if name else None, rest
