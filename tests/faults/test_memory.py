"""What the gate needs does not grow with the file, whatever stands in it; `make bench-memory` has the figures."""

import pytest

from bench.memory import GOAL_MB, JSON, TABLES, peak_megabytes

pytestmark = pytest.mark.long


@pytest.mark.parametrize("table", [*TABLES, JSON])
def test_three_times_the_table_takes_no_more_memory_to_speak_of(table: str) -> None:
    once, thrice = peak_megabytes(table, 8), peak_megabytes(table, 24)

    assert thrice < 1.3 * once
    assert thrice < 1.15 * GOAL_MB
