"""What the domain relies on in a lake, the same on the real adapter and on the one in memory."""

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from lakeloop import names
from lakeloop.adapters.lakefs import LakeFS
from lakeloop.errors import TransientError
from lakeloop.lake.ports import Lake
from tests.contract.lakefs.lakes import adapter, ingest, make
from tests.contract.lakefs.servers import Server
from tests.fakes import MemoryLake

Write = Callable[[str, bytes], Path]


@pytest.fixture(params=["memory", "lakefs"])
def lake(request: pytest.FixtureRequest) -> Lake:
    return MemoryLake() if request.param == "memory" else adapter(request.getfixturevalue("server"))


@pytest.fixture
def repository(lake: Lake, request: pytest.FixtureRequest) -> str:
    name = f"adapter-{uuid.uuid4().hex[:12]}"
    if isinstance(lake, LakeFS):
        make(request.getfixturevalue("server"), name)
    return name


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(name: str, body: bytes) -> Path:
        file = tmp_path / name
        file.write_bytes(body)
        return file

    return write_file


def test_an_ingest_is_one_commit_on_main_with_its_metadata(lake: Lake, repository: str, write: Write) -> None:
    first = lake.head(repository)

    head = ingest(lake, repository, "ingest-1", {"train/a.parquet": write("a", b"12345")}, rows="7")

    assert lake.head(repository) == head
    log = list(lake.log(repository, head))
    assert [commit.id for commit in log] == [head, first]
    assert log[0].metadata["rows_committed"] == "7"
    [entry] = lake.objects(repository, head, "train/")
    assert (entry.path, entry.size_bytes) == ("train/a.parquet", 5)
    assert entry.physical_address.startswith("s3://")


def test_the_same_bytes_again_are_no_commit(lake: Lake, repository: str, write: Write) -> None:
    file = write("a", b"12345")
    head = ingest(lake, repository, "ingest-1", {"train/a.parquet": file})

    lake.ensure_branch(repository, "ingest-2")
    lake.upload(repository, "ingest-2", "train/a.parquet", file)

    assert lake.uncommitted(repository, "ingest-2") == set()
    assert ingest(lake, repository, "ingest-2", {"train/a.parquet": file}) == head


def test_a_commit_is_kept_by_a_branch_of_its_own(lake: Lake, repository: str, write: Write) -> None:
    trained = ingest(lake, repository, "ingest-1", {"train/a.parquet": write("a", b"1")})
    ingest(lake, repository, "ingest-2", {"train/b.parquet": write("b", b"2")})
    branch = names.keep_branch("lakeloop-dev-0123456789ab")

    for _ in range(2):
        lake.ensure_branch(repository, branch, at=trained, hidden=False)

    assert next(lake.log(repository, branch)).id == trained != lake.head(repository)
    lake.delete_branch(repository, branch)
    lake.delete_branch(repository, branch)


def test_a_branch_that_a_crash_left_is_carried_on(lake: Lake, repository: str, write: Write) -> None:
    file = write("a", b"12345")
    lake.ensure_branch(repository, "ingest-1")
    lake.upload(repository, "ingest-1", "train/a.parquet", file)
    left = lake.commit(repository, "ingest-1", "Ingest", {"rows_committed": "3"})

    head = ingest(lake, repository, "ingest-1", {"train/a.parquet": file}, rows="0")

    assert left.metadata == {"rows_committed": "3"}
    assert next(iter(lake.log(repository, head))).metadata["rows_committed"] == "3"


def test_what_differs_from_the_commit_is_uncommitted(lake: Lake, repository: str, write: Write) -> None:
    ingest(lake, repository, "ingest-1", {"train/a": write("a", b"1"), "train/b": write("b", b"2")})
    lake.ensure_branch(repository, "ingest-2")

    lake.upload(repository, "ingest-2", "train/a", write("a", b"changed"))
    lake.delete(repository, "ingest-2", "train/b")
    lake.upload(repository, "ingest-2", "train/c", write("c", b"3"))

    assert lake.uncommitted(repository, "ingest-2") == {"train/a", "train/b", "train/c"}


def test_two_branches_with_different_files_both_reach_main(lake: Lake, repository: str, write: Write) -> None:
    for branch in ("ingest-1", "ingest-2"):
        lake.ensure_branch(repository, branch)
        lake.upload(repository, branch, f"train/{branch}", write(branch, branch.encode()))
        lake.commit(repository, branch, "Ingest", {"rows_committed": "1"})

    lake.merge(repository, "ingest-1", "Ingest", {"rows_committed": "1"})
    head = lake.merge(repository, "ingest-2", "Ingest", {"rows_committed": "1"}).id

    assert {entry.path for entry in lake.objects(repository, head, "train/")} == {"train/ingest-1", "train/ingest-2"}


def test_an_old_commit_still_has_what_it_had(lake: Lake, repository: str, write: Write) -> None:
    old = ingest(lake, repository, "ingest-1", {"train/a": write("a", b"1")})

    ingest(lake, repository, "ingest-2", {"train/a": write("a", b"longer"), "train/b": write("b", b"2")})

    assert [(entry.path, entry.size_bytes) for entry in lake.objects(repository, old, "train/")] == [("train/a", 1)]


def test_two_versions_of_a_file_conflict_and_the_loser_starts_anew(lake: Lake, repository: str, write: Write) -> None:
    for branch in ("ingest-1", "ingest-2"):
        lake.ensure_branch(repository, branch)
        lake.upload(repository, branch, "train/a", write("a", branch.encode() * 2))
        lake.commit(repository, branch, "Ingest", {})
    lake.merge(repository, "ingest-1", "Ingest", {})

    with pytest.raises(TransientError, match="conflicts with main"):
        lake.merge(repository, "ingest-2", "Ingest", {})

    ingest(lake, repository, "ingest-2", {"train/a": write("a", b"ingest-2 again")})
    [entry] = lake.objects(repository, lake.head(repository), "train/")
    assert entry.size_bytes == len(b"ingest-2 again")


def test_the_same_change_on_two_branches_is_merged_twice(lake: Lake, repository: str, write: Write) -> None:
    for branch in ("ingest-1", "ingest-2"):
        lake.ensure_branch(repository, branch)
        lake.upload(repository, branch, "train/a", write("a", b"same"))
        lake.commit(repository, branch, "Ingest", {"correlation_id": branch})

    first = lake.merge(repository, "ingest-1", "Ingest", {"correlation_id": "ingest-1"})
    second = lake.merge(repository, "ingest-2", "Ingest", {"correlation_id": "ingest-2"})

    assert first.id != second.id
    assert [entry.path for entry in lake.objects(repository, second.id, "train/")] == ["train/a"]


def test_a_merge_whose_answer_was_lost_is_found_behind_those_of_others(
    lake: Lake, repository: str, write: Write
) -> None:
    lake.ensure_branch(repository, "ingest-1")
    lake.upload(repository, "ingest-1", "train/a", write("a", b"1"))
    committed = lake.commit(repository, "ingest-1", "Ingest", {"rows_committed": "1"})
    first = lake.merge(repository, "ingest-1", "Ingest", committed.metadata)
    ingest(lake, repository, "ingest-2", {"train/b": write("b", b"2")}, rows="2")

    again = lake.commit(repository, "ingest-1", "Ingest", {"rows_committed": "0"})
    merged = lake.merge(repository, "ingest-1", "Ingest", again.metadata)

    assert again.id == committed.id
    assert (merged.id, merged.rows) == (first.id, 1)


def test_a_delivery_that_was_done_finds_its_merge_when_it_is_repeated(
    lake: Lake, repository: str, write: Write
) -> None:
    delivery = {"correlation_id": "1", "rows_committed": "7"}
    file = write("a", b"1")
    for branch, path in (("ingest-1", "train/a"), ("ingest-2", "train/b")):
        lake.ensure_branch(repository, branch)
        lake.upload(repository, branch, path, file)
        metadata = delivery if branch == "ingest-1" else {"correlation_id": "2", "rows_committed": "9"}
        lake.merge(repository, branch, "Ingest", lake.commit(repository, branch, "Ingest", metadata).metadata)
        lake.delete_branch(repository, branch)
    lake.ensure_branch(repository, "ingest-1")
    lake.upload(repository, "ingest-1", "train/a", file)

    committed = lake.commit(repository, "ingest-1", "Ingest", {**delivery, "rows_committed": "0"})
    merged = lake.merge(repository, "ingest-1", "Ingest", committed.metadata)

    assert merged.rows == 7
    assert merged.id != lake.head(repository)


def test_a_delivery_that_changes_nothing_takes_no_commit_of_another_for_its_own(
    lake: Lake, repository: str, write: Write
) -> None:
    file = write("a", b"1")
    head = ingest(lake, repository, "ingest-1", {"train/a": file}, rows="7")
    lake.ensure_branch(repository, "ingest-2")
    lake.upload(repository, "ingest-2", "train/a", file)

    committed = lake.commit(repository, "ingest-2", "Ingest", {"correlation_id": "2", "rows_committed": "0"})
    merged = lake.merge(repository, "ingest-2", "Ingest", {"correlation_id": "2"})

    assert (committed.id, committed.metadata) == (head, {})
    assert (merged.id, merged.rows) == (head, None)


def test_a_log_tells_the_parents_of_merges_and_what_brought_no_rows_of_ours(
    lake: Lake, repository: str, write: Write
) -> None:
    first = lake.head(repository)
    lake.ensure_branch(repository, "by-hand")
    lake.upload(repository, "by-hand", "train/a", write("a", b"1"))
    inner = lake.commit(repository, "by-hand", "by hand", {})

    merged = lake.merge(repository, "by-hand", "by hand", {})

    [merge, oldest] = lake.log(repository, merged.id)
    assert (merge.parents, merge.rows) == ((first, inner.id), None)
    assert oldest.parents == ()


def test_a_repository_is_listed_with_its_place_and_can_be_deleted_twice(server: Server) -> None:
    lake, name = adapter(server), f"adapter-{uuid.uuid4().hex[:12]}"
    place = f"{server.storage_namespace}/{name}"
    make(server, name)

    assert list(lake.repositories(name)) == [(name, place)]

    lake.delete_repository(name)
    lake.delete_repository(name)
    assert list(lake.repositories(name)) == []


def test_an_object_is_read_from_a_branch_before_it_is_committed(lake: Lake, repository: str, write: Write) -> None:
    ingest(lake, repository, "ingest-1", {"index/00.json": write("a", b"old")})
    lake.ensure_branch(repository, "ingest-2")
    lake.upload(repository, "ingest-2", "index/00.json", write("b", b"new"))

    assert lake.read(repository, "ingest-2", "index/00.json") == b"new"
    assert lake.read(repository, "main", "index/00.json") == b"old"
    assert lake.read(repository, "main", "index/01.json") is None


def test_an_object_is_downloaded_whole(lake: Lake, repository: str, write: Write, tmp_path: Path) -> None:
    body = bytes(range(256)) * 8192
    head = ingest(lake, repository, "ingest-1", {"rows/train/a.parquet": write("a", body)})
    file = tmp_path / "downloaded"

    assert lake.download(repository, head, "rows/train/a.parquet", file)
    assert file.read_bytes() == body
    assert not lake.download(repository, head, "rows/train/b.parquet", file)


def test_the_folders_below_a_prefix_are_told(lake: Lake, repository: str, write: Write) -> None:
    file = write("a", b"1")
    head = ingest(
        lake, repository, "ingest-1", dict.fromkeys(("features/r1/train/a", "features/r2/test/a", "rows/x"), file)
    )

    assert lake.folders(repository, head, "features/") == ["r1", "r2"]
    assert lake.folders(repository, head, "index/") == []


def test_a_branch_that_is_not_there_is_no_missing_object(server: Server) -> None:
    lake, name = adapter(server), f"adapter-{uuid.uuid4().hex[:12]}"
    make(server, name)

    with pytest.raises(TransientError, match=r"read index/00\.json at gone"):
        lake.read(name, "gone", "index/00.json")


def test_a_merge_is_taken_back_on_a_branch_unless_later_ones_wrote_the_same(
    lake: Lake, repository: str, write: Write
) -> None:
    ingest(lake, repository, "ingest-1", {"rows/a": write("a", b"one"), "rows/b": write("b", b"one")})
    bad = ingest(lake, repository, "ingest-2", {"rows/a": write("a2", b"two"), "rows/c": write("c", b"two")})
    ingest(lake, repository, "ingest-3", {"rows/d": write("d", b"three")})
    undone = next(commit for commit in lake.log(repository, "main") if commit.id == bad)

    lake.ensure_branch(repository, "ingest-4")
    assert lake.revert(repository, "ingest-4", undone, {"rolled_back": bad})
    assert lake.revert(repository, "ingest-4", undone, {"rolled_back": bad})
    lake.upload(repository, "ingest-4", "index/a", write("index", b"gone"))
    committed = lake.commit(repository, "ingest-4", "Roll back", {"rolled_back": bad})
    lake.merge(repository, "ingest-4", "Roll back", committed.metadata)

    found = {entry.path for entry in lake.objects(repository, "main", "")}
    assert found == {"index/a", "rows/a", "rows/b", "rows/d"}
    assert lake.read(repository, "main", "rows/a") == b"one"
    lake.ensure_branch(repository, "ingest-5")
    assert lake.revert(repository, "ingest-5", undone, {})

    ingest(lake, repository, "ingest-6", {"rows/a": write("a3", b"other")})
    lake.ensure_branch(repository, "ingest-7")
    assert not lake.revert(repository, "ingest-7", undone, {})
