"""A changed recipe: training waits, features are made from the rows on main, and nothing mixes two recipes."""

from collections.abc import Callable
from itertools import chain, repeat

import polars as pl
import pytest

from lakeloop.contract.digest import recipe_digest
from lakeloop.contract.meaning import readings_kept
from lakeloop.errors import TransientError, UnreadableObjectError
from lakeloop.ingest import packs
from lakeloop.ingest.features import features_frame
from lakeloop.ingest.remake import RemakeService
from tests.data import tiny, tiny_csv
from tests.fakes import CrashError, MemoryContracts, MemoryReadings, MemoryTuner, message
from tests.faults.crashes import Recorder, every_crash
from tests.lake_content import assert_whole, content, rows_on_main, table
from tests.unit.delivery.remaking import MINUTES, NEW, OLD, asked, drop, features, loaded, remake, under
from tests.world import World

# What the approval of the new contract notes: it only reads more than the old one.
KEPT = readings_kept(OLD, NEW, frozenset())


def test_training_waits_says_how_many_files_and_asks_for_features() -> None:
    world, tuner = loaded(), MemoryTuner()
    drop(world, "c", [3])

    world.training(tuner, NEW, readings=MemoryReadings(KEPT)).handle(world.told())

    assert not tuner.started
    [request] = world.remaker.published
    assert request.recipe == recipe_digest(NEW)
    assert world.reports.reports["tiny", "start_tuning"].why == (
        f"2 of 3 files have no features of recipe {recipe_digest(NEW)} yet: remake_features makes them from the rows"
    )


def test_features_of_the_new_recipe_are_those_of_the_rows_and_training_reads_only_them() -> None:
    world, tuner = loaded(), MemoryTuner()

    remake(world)
    world.training(tuner, NEW, readings=MemoryReadings(KEPT)).handle(world.told())

    assert_whole(world.lake, NEW)
    assert len(tuner.started) == 1
    for split, made in features(world).made.items():
        there = pl.concat(table(world.lake, entry.path) for entry in made)
        assert sorted(there.rows()) == sorted(features_frame(NEW, rows_on_main(world.lake, split)).rows())
    assert world.lake.commits[-1].metadata["rows_committed"] == "0"


def test_rows_that_a_person_put_on_main_get_features_too() -> None:
    world = loaded()
    rows = features_rows(world)
    world.lake.commit_by_hand({"rows/train/by-hand.parquet": rows})

    assert features(world).files_missing == 3
    remake(world)

    assert not features(world).missing


def features_rows(world: World) -> bytes:
    path = next(path for path in world.main if path.startswith("rows/train/"))
    return world.lake.bytes[world.main[path]]


def test_a_function_that_is_killed_anywhere_ends_as_one_that_is_not() -> None:
    unharmed = loaded()
    remake(unharmed)

    def run(recorder: Recorder) -> None:
        remake(loaded(), recorder)

    for recorder in every_crash(run):
        world = loaded()
        with pytest.raises(CrashError):
            remake(world, recorder)
        remake(world)

        assert world.main == unharmed.main, recorder
        assert len(world.lake.commits) == len(unharmed.lake.commits)
        assert set(world.lake.branch_commits) == {"main"}


def test_what_was_made_in_time_is_not_made_again() -> None:
    world = loaded(**{f"f{n}": list(range(n, n + 6)) for n in range(4)})
    left = chain(repeat(MINUTES, 3), repeat(1.0))

    with pytest.raises(TransientError, match=r"3 of \d+ objects have features of recipe \w+: the next try goes on"):
        remake(world, left=lambda: next(left))
    second = Recorder()
    remake(world, second)

    first = len([path for path in world.main if path.startswith(f"features/{recipe_digest(NEW)}/")]) - 3
    assert second.calls.count("lake.upload") == first
    assert_whole(world.lake, NEW)


@pytest.mark.parametrize("small", [1, 10**9])
def test_files_that_are_dropped_meanwhile_are_right_whenever_they_come(
    small: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of a pack is replaced and another comes, under the old contract's function, before each call."""
    monkeypatch.setattr(packs, "SMALL_BYTES", small)
    calls = Recorder()
    remake(loaded(), calls)

    for number in range(1, len(calls.calls) + 1):
        world = loaded()
        recorder = Recorder(number, "before")

        def dropping() -> None:
            under(world, OLD)  # noqa: B023 used within the loop's turn
            drop(world, "a", [0, 1, 5])  # noqa: B023
            under(world, NEW)  # noqa: B023
            drop(world, "late", [7])  # noqa: B023

        around = recorder.around

        def meanwhile(name: str, call: Callable[[], object]) -> object:
            if len(recorder.calls) + 1 == recorder.number:  # noqa: B023
                recorder.number = 0  # noqa: B023
                dropping()
            return around(name, call)  # noqa: B023

        monkeypatch.setattr(recorder, "around", meanwhile)
        remake(world, recorder)
        remake(world)

        assert not features(world).missing
        assert rows_on_main(world.lake).height == 3 + 10 + 1
        for split, made in features(world).made.items():
            there = sorted(row for entry in made for row in table(world.lake, entry.path).rows())
            expected = features_frame(NEW, rows_on_main(world.lake, split)).rows() if made else []
            assert there == sorted(expected), f"call {number}, {calls.calls[number - 1]}"


def test_rows_without_labels_have_no_features_to_wait_for() -> None:
    columns = [{**column.model_dump(exclude_unset=True), "nullable": column.name != "id"} for column in OLD.columns]
    world = World(tiny(columns=columns))
    world.service.handle([world.drop("a.csv", tiny_csv(*(f"k{n},,1,,," for n in range(20))))])

    found = features(world)

    assert rows_on_main(world.lake).height == 20
    assert (found.missing, found.files_missing) == ([], 0)


def test_a_recipe_that_is_not_the_contracts_waits_for_the_apply() -> None:
    world = loaded()
    request = asked(under(world, OLD))
    under(world, NEW)

    service = RemakeService(
        contracts=MemoryContracts(NEW),
        lake=world.lake,
        publisher=world.publisher,
        name_prefix="lakeloop-test",
        git_sha="abc",
    )
    with pytest.raises(TransientError, match="an apply is under way"):
        service.handle(message(request.model_dump_json()), lambda: MINUTES)


def test_the_same_rows_stay_on_main() -> None:
    world = loaded()
    before = content(world.lake)

    remake(world)

    assert content(world.lake) == before


def test_rows_that_a_person_corrects_get_features_anew_and_deleted_ones_are_not_read() -> None:
    world = loaded()
    world.lake.commit_by_hand({"rows/train/by-hand.parquet": features_rows(world)})
    remake(world)
    before = len(features(world).made["train"])

    other = next(path for path in world.main if path.startswith("rows/validation/"))
    world.lake.commit_by_hand({"rows/train/by-hand.parquet": world.lake.bytes[world.main[other]]})
    corrected = features(world)
    world.lake.commit_by_hand({"rows/train/by-hand.parquet": None})

    assert [entry.path for entry in corrected.missing] == ["rows/train/by-hand.parquet"]
    assert len(features(world).made["train"]) == before - 1


def test_what_is_no_parquet_and_what_an_older_release_wrote_is_passed_over() -> None:
    world = loaded()
    old = f"{'a' * 32}.parquet"
    recipe = recipe_digest(NEW)
    rows, features_path = f"rows/train/{old}", f"features/{recipe}/train/{old}"
    world.lake.commit_by_hand({"rows/train/_SUCCESS": b"", rows: b"x", features_path: b"x"})

    remake(world)

    assert not features(world).missing
    assert not any(old in entry.path for entry in features(world).made["train"])


def test_rows_that_cannot_be_read_are_named_with_what_to_do() -> None:
    world = loaded()
    world.lake.commit_by_hand({"rows/train/by-hand.parquet": b"no Parquet"})

    with pytest.raises(UnreadableObjectError, match=r"rows/train/by-hand\.parquet on main holds no rows of tiny"):
        remake(world)


def test_features_of_rows_that_a_person_corrects_meanwhile_are_named_by_what_they_were_made_of() -> None:
    world = loaded()
    world.lake.commit_by_hand({"rows/train/by-hand.parquet": features_rows(world)})
    other = next(path for path in world.main if path.startswith("rows/validation/"))
    recorder = Recorder()
    around = recorder.around

    def correcting(name: str, call: Callable[[], object]) -> object:
        if name == "lake.download" and "lake.download" not in recorder.calls:
            world.lake.commit_by_hand({"rows/train/by-hand.parquet": world.lake.bytes[world.main[other]]})
        return around(name, call)

    recorder.around = correcting  # type: ignore[method-assign]
    remake(world, recorder)
    assert [entry.path for entry in features(world).missing] == ["rows/train/by-hand.parquet"]
    remake(world)

    there = [row for entry in features(world).made["train"] for row in table(world.lake, entry.path).rows()]
    assert sorted(there) == sorted(features_frame(NEW, rows_on_main(world.lake, "train")).rows())
