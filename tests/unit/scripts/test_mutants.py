"""A mutant is judged by the tests that may notice it, and by what they do."""

from collections.abc import Iterator
from pathlib import Path

import coverage
import pytest

from lakeloop.scripts import mutants
from lakeloop.scripts.mutants import Coverage, Mutant, Runner, files_of, survives

CODE = "def double(n):\n    return 2 * n\n"
TEST = "from part import double\n\n\ndef test_double():\n    assert double(2) == 4\n"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """One for all tests: it imports the libraries."""
    checkout = tmp_path_factory.mktemp("checkout")
    (checkout / "layers").mkdir()
    with Runner(checkout) as runner:
        yield runner


@pytest.fixture
def runner(started: Runner) -> Runner:
    (started.checkout / "layers" / "part.py").write_text(CODE)
    (started.checkout / "test_part.py").write_text(TEST)
    return started


@pytest.mark.parametrize(
    ("code", "survived"),
    [
        ("def double(n):\n    return n + n\n", True),
        ("def double(n):\n    return 3 * n\n", False),
        ("def double(n):\n    return 2 * m\n\n\ndouble(1)\n", False),
        ("def double(n):\n    while True:\n        pass\n", False),
    ],
    ids=["another way to the same", "wrong", "cannot be imported", "loops for ever"],
)
def test_a_mutant_survives_only_where_all_its_tests_pass(runner: Runner, code: str, survived: bool) -> None:
    mutant = Mutant(path="layers/part.py", line=2, operator="any", occurrence=0, code=code)

    # What ends by itself is waited for, on a busy machine too.
    seconds = 5 if "while" in code else 60

    assert survives(mutant, [{"test_part.py::test_double"}], runner, seconds=seconds) == survived
    assert (runner.checkout / "layers" / "part.py").read_text() == CODE


def test_a_test_that_is_not_there_is_no_test_that_passes(runner: Runner) -> None:
    assert runner.run({"test_part.py::test_double"}) == 0
    assert runner.run({"test_part.py::test_double", "test_part.py::test_gone"}) != 0


def test_tests_that_fail_without_a_fault_judge_nothing(runner: Runner) -> None:
    (runner.checkout / "test_part.py").write_text(TEST.replace("4", "5"))

    with pytest.raises(SystemExit, match="fail one after the other"):
        mutants.seconds_without_a_fault({"test_part.py::test_double"}, [runner])


def test_a_mutant_of_the_same_size_in_the_same_second_is_another_program(runner: Runner) -> None:
    codes = [CODE.replace("2", number) for number in "13"]
    faults = [Mutant(path="layers/part.py", line=2, operator="any", occurrence=0, code=code) for code in codes]

    assert mutants.seconds_without_a_fault({"test_part.py::test_double"}, [runner]) > 0
    assert list(runner.checkout.rglob("part*.pyc"))
    assert not any(survives(fault, [{"test_part.py::test_double"}], runner, seconds=60) for fault in faults)
    assert runner.run({"test_part.py::test_double"}) == 0


def test_a_line_is_judged_by_the_tests_that_run_it_then_by_those_of_its_file_or_of_all(tmp_path: Path) -> None:
    data = coverage.CoverageData(str(tmp_path / "coverage"))
    part, shapes = str(tmp_path / "part.py"), str(tmp_path / "shapes.py")
    for context, lines in (
        ("", {part: [1], shapes: [1]}),
        ("t.py::a[x|y]|run", {part: [2]}),
        ("t.py::b|run", {part: [3]}),
    ):
        data.set_context(context)
        data.add_lines(lines)

    covered = Coverage(data, tmp_path)

    assert covered.tests_of("part.py", 2) == [{"t.py::a[x|y]"}, {"t.py::b"}]
    assert covered.tests_of("part.py", 1) == [{"t.py::a[x|y]", "t.py::b"}]
    assert covered.tests_of("shapes.py", 1) == [{"t.py::a[x|y]", "t.py::b"}]


def test_a_module_is_named_like_a_package() -> None:
    assert files_of("lakeloop.consumer") == [Path("layers/lakeloop/consumer.py")]
    assert Path("layers/lakeloop/ingest/service.py") in files_of("lakeloop.ingest")
    with pytest.raises(SystemExit, match=r"no package or module lakeloop\.nothing"):
        files_of("lakeloop.nothing")
