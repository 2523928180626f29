"""A part of the fuzz run (`make fuzz`): the gate says of random tables what an independent reading says.

What the run found stands among the instances of tests/unit/ingest.
"""

from bench.fuzz import run


def test_random_tables_are_judged_as_by_an_independent_reading() -> None:
    assert run(2, lambda number: number < 60) == []
