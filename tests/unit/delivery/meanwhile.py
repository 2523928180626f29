"""What others do to the lake while something is under way."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.world import World


def during(world: World, name: str, happens: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Have something happen before the next call of a name."""
    real = getattr(world.lake, name)

    def called(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 any method
        monkeypatch.setattr(world.lake, name, real)
        happens()
        return real(*arguments, **options)

    monkeypatch.setattr(world.lake, name, called)
