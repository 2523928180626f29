"""The publisher's high-level package, `lakefs`, as a data scientist uses it."""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import csv
import io
import uuid

import lakefs
import pytest
from lakefs.exceptions import (
    BadRequestException,
    ConflictException,
    ForbiddenException,
    NotFoundException,
    ObjectExistsException,
    ObjectNotFoundException,
    ServerException,
    TransactionException,
)
from lakefs.object import WriteModes
from lakefs.repository import Repository
from lakefs_sdk import BranchProtectionRule

from tests.contract.lakefs.servers import Server

pre_signed = pytest.mark.parametrize("pre_sign", [True, False])


@pytest.fixture(scope="module")
def wrapper(server: Server) -> lakefs.Client:
    return lakefs.Client(host=server.endpoint, username=server.access_key_id, password=server.secret_access_key)


@pytest.fixture
def repo(server: Server, wrapper: lakefs.Client) -> Repository:
    name = f"wrapper-{uuid.uuid4().hex[:12]}"
    return Repository(name, wrapper).create(storage_namespace=f"{server.storage_namespace}/{name}")


class TestObjects:
    @pre_signed
    @pytest.mark.parametrize("mode", ["w", "wb", "x", "xb"])
    def test_written_in_pieces_and_read_back(self, repo: Repository, pre_sign: bool, mode: WriteModes) -> None:
        thing = repo.branch("main").object("dir/ü.txt")

        with thing.writer(mode=mode, pre_sign=pre_sign, content_type="text/plain", metadata={"k": "v"}) as writer:
            writer.write("Hello")
            writer.write(" World!")
            with pytest.raises(ObjectNotFoundException):
                thing.stat()

        with thing.reader(mode="r", pre_sign=pre_sign) as reader:
            assert reader.read() == "Hello World!"
        stats = thing.stat()
        assert (stats.size_bytes, stats.content_type, stats.metadata) == (12, "text/plain", {"k": "v"})

    @pre_signed
    def test_seeking_and_reading_past_the_end(self, repo: Repository, pre_sign: bool) -> None:
        thing = repo.branch("main").object("a").upload(b"0123456789", pre_sign=pre_sign)

        with thing.reader(pre_sign=pre_sign) as reader:
            assert reader.read(4) == b"0123"
            reader.seek(-2, io.SEEK_END)
            assert reader.read() == b"89"
            assert reader.read(1) == b""
            reader.seek(100)
            assert reader.read(1) == b""
            reader.seek(0)
            assert [reader.read(1) for _ in range(11)] == [
                b"0",
                b"1",
                b"2",
                b"3",
                b"4",
                b"5",
                b"6",
                b"7",
                b"8",
                b"9",
                b"",
            ]

    def test_lines(self, repo: Repository) -> None:
        thing = repo.branch("main").object("table.csv")
        with thing.writer(mode="w", pre_sign=False) as file:
            csv.writer(file).writerows([["id", "name"], ["1", "Alice"]])

        assert list(csv.reader(thing.reader(mode="r"))) == [["id", "name"], ["1", "Alice"]]

    @pre_signed
    def test_exclusive_creation(self, repo: Repository, pre_sign: bool) -> None:
        thing = repo.branch("main").object("a").upload(b"first")

        with pytest.raises(ObjectExistsException):
            thing.upload(b"second", mode="xb", pre_sign=pre_sign)

        assert thing.reader().read() == b"first"

    def test_abandoned_writers_leave_nothing(self, repo: Repository) -> None:
        thing = repo.branch("main").object("a")

        def write_half() -> None:
            with thing.writer() as writer:
                writer.write("half")
                raise ValueError("stop")

        with pytest.raises(ValueError, match="stop"):
            write_half()
        assert not thing.exists()

    def test_copy_and_delete(self, repo: Repository) -> None:
        thing = repo.branch("main").object("a").upload(b"x", metadata={"k": "v"})

        copied = thing.copy("main", "b")
        thing.delete()

        assert copied.stat().metadata == {"k": "v"}
        assert copied.reader().read() == b"x"
        assert not thing.exists()

    def test_listing_with_common_prefixes(self, repo: Repository) -> None:
        branch = repo.branch("main")
        for path in ("a", "bar/a", "bar/b", "c", "foo/a"):
            branch.object(path).upload(path)

        assert [item.path for item in branch.objects(delimiter="/")] == ["a", "bar/", "c", "foo/"]
        assert [item.path for item in branch.objects(prefix="bar/")] == ["bar/a", "bar/b"]
        assert [item.path for item in branch.objects(max_amount=2)] == ["a", "bar/a"]

    def test_deleting_many_shows_as_uncommitted_removals(self, repo: Repository) -> None:
        branch = repo.branch("main")
        for path in ("a", "b", "foo/a"):
            branch.object(path).upload(path)
        branch.commit("three")

        branch.delete_objects(["a", branch.object("foo/a")])

        assert [(c.path, c.type, c.size_bytes) for c in branch.uncommitted()] == [
            ("a", "removed", 0),
            ("foo/a", "removed", 0),
        ]
        branch.reset_changes("common_prefix", "foo")
        assert [change.path for change in branch.uncommitted()] == ["a"]


class TestBranches:
    def test_merge_diff_and_log(self, repo: Repository) -> None:
        main = repo.branch("main")
        branch = repo.branch("work").create("main")
        branch.object("a").upload("1")
        reference = branch.commit("one", metadata={"k": "v"})

        assert [(change.path, change.type) for change in main.diff(branch)] == [("a", "added")]
        merged = branch.merge_into(main, message="to main")

        assert main.get_commit().id == main.head.id == merged
        assert [commit.message for commit in main.log(max_amount=2)] == ["to main", "one"]
        assert reference.get_commit().metadata == {"k": "v"}
        with pytest.raises(BadRequestException, match="no changes"):
            branch.merge_into(main)

    def test_long_log_in_pages(self, repo: Repository) -> None:
        branch = repo.branch("main")
        for number in range(12):
            branch.commit(f"commit {number}", allow_empty=True)

        assert [commit.message for commit in branch.log(amount=5)][:12] == [f"commit {n}" for n in range(11, -1, -1)]
        assert len(list(branch.log(limit=True, amount=5))) == 5

    def test_revert_returns_the_reverting_commit(self, repo: Repository) -> None:
        branch = repo.branch("main")
        thing = branch.object("a").upload("old")
        branch.commit("old")
        thing.upload("new")
        branch.commit("new")

        commit = branch.revert(branch.head)

        assert commit.message.startswith("Revert")
        assert thing.reader("r").read() == "old"

    def test_cherry_pick(self, repo: Repository) -> None:
        branch = repo.branch("work").create("main", hidden=True)
        branch.object("a").upload("1")
        commit = branch.commit("one", metadata={"k": "v"}).get_commit()

        picked = repo.branch("main").cherry_pick(branch.head)

        assert picked.message == "one"
        assert picked.metadata is not None
        assert picked.metadata["cherry-pick-origin"] == commit.id
        assert picked.metadata["k"] == "v"

    def test_existing_and_missing(self, repo: Repository) -> None:
        branch = repo.branch("work").create("main")

        assert branch.create("main", exist_ok=True).id == "work"
        with pytest.raises(ConflictException):
            branch.create("main")
        branch.delete()
        with pytest.raises(NotFoundException):
            branch.get_commit()

    def test_protected(self, repo: Repository, wrapper: lakefs.Client) -> None:
        rules = [BranchProtectionRule(pattern="main")]
        wrapper.sdk_client.repositories_api.set_branch_protection_rules(repo.properties.id, rules)

        with pytest.raises(ForbiddenException):
            repo.branch("main").commit("no")

    def test_tags(self, repo: Repository) -> None:
        tag = repo.tag("v1")
        with pytest.raises(NotFoundException):
            tag.get_commit()

        tag.create("main")

        assert tag.get_commit().message == "Repository created"
        assert tag.create("main", exist_ok=True) == tag
        with pytest.raises(ConflictException):
            tag.create("main")
        tag.delete()
        assert list(repo.tags()) == []


class TestTransactions:
    def test_lands_as_one_merge(self, repo: Repository) -> None:
        main = repo.branch("main")

        with main.transact(commit_message="all", commit_metadata={"k": "v"}, tag="done") as transaction:
            transaction.object("a").upload("1")
            transaction.object("b").upload("2")
            assert [branch.id for branch in repo.branches()] == ["main"]

        assert [item.path for item in main.objects()] == ["a", "b"]
        merge, commit = list(main.log(amount=2))[:2]
        assert merge.message.startswith("Merge transaction")
        assert (commit.message, commit.metadata) == ("all", {"k": "v"})
        assert repo.tag("done").get_commit().id == merge.id

    @pytest.mark.parametrize("reason", ["no changes", "dirty branch", "Conflict"])
    def test_failures_leave_main_as_it_was(self, repo: Repository, reason: str) -> None:
        main = repo.branch("main")

        def transact() -> None:
            with main.transact(commit_message="x") as transaction:
                if reason != "no changes":
                    transaction.object("a").upload("mine")
                    main.object("a").upload("theirs")
                if reason == "Conflict":
                    main.commit("theirs")

        with pytest.raises(TransactionException, match=reason):
            transact()

        assert main.get_commit().message == ("theirs" if reason == "Conflict" else "Repository created")
        assert [branch.id for branch in repo.branches(show_hidden=True)] == ["main"]


class TestRepositories:
    def test_sanity(self, repo: Repository, server: Server, wrapper: lakefs.Client) -> None:
        again = Repository(repo.properties.id, wrapper)
        namespace = repo.properties.storage_namespace

        assert again.properties == repo.properties
        assert again.metadata == {}
        assert again.create(namespace, exist_ok=True).properties == repo.properties
        with pytest.raises(ConflictException):
            again.create(namespace)
        assert repo.properties.id in [found.id for found in lakefs.repositories(wrapper, prefix=repo.properties.id)]
        repo.delete()
        with pytest.raises(NotFoundException):
            repo.delete()

    def test_many_branches_and_tags_are_listed_in_pages(self, repo: Repository) -> None:
        for number in range(12):
            repo.branch(f"b{number:02}").create("main")
            repo.tag(f"t{number:02}").create("main")

        assert [b.id for b in repo.branches(prefix="b", after="b03", max_amount=3)] == ["b04", "b05", "b06"]
        assert len(list(repo.tags(amount=5))) == 12

    def test_missing_objects_are_file_not_found(self, repo: Repository) -> None:
        with pytest.raises(FileNotFoundError):
            repo.ref("main").object("nothing").reader().read()
        with pytest.raises(ServerException):
            repo.ref("nowhere").object("nothing").stat()
