"""Main with rows to train on."""

import pytest

from tests.data import tiny_csv
from tests.world import ROWS, World


@pytest.fixture
def world() -> World:
    """Main with two commits of ten rows."""
    world = World()
    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS[:10]))])
    world.service.handle([world.drop("b.csv", tiny_csv(*ROWS[10:]))])
    return world
