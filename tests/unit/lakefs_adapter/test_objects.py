"""What the adapter asks of lakeFS to write, list and delete objects, each request whole."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from lakeloop.adapters import lakefs as adapter
from lakeloop.adapters.lakefs import LakeFS
from lakeloop.errors import ForeignObjectError, PermanentError, TransientError
from lakeloop.lake.ports import LakeObject
from tests.cases import OPS
from tests.unit.lakefs_adapter.scripted import REPOSITORY, Answer, Asked, ScriptedServer, page, refused

NAMESPACE = "s3://lakeloop-dev-lake-123456789012/lakeloop-dev-tiny"
THERE = Answer(200, {"id": "r", "creation_date": 1, "default_branch": "main", "storage_namespace": NAMESPACE})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    written = tmp_path / "a.parquet"
    written.write_bytes(b"PAR1x")
    return written


def stats(path: str, address: str, size: int) -> dict[str, Any]:
    facts = {"path": path, "physical_address": address, "size_bytes": size}
    return {**facts, "path_type": "object", "checksum": "c", "mtime": 1}


def test_a_small_object_goes_through_lakefs_in_one_call(lake: LakeFS, server: ScriptedServer, file: Path) -> None:
    server.answers = [Answer(201, stats("train/a.parquet", "s3://b/x", 5))]

    lake.upload("r", "ingest-1", "train/a.parquet", file)

    [asked] = server.asked
    assert asked.line == f"POST {REPOSITORY}/branches/ingest-1/objects?path=train/a.parquet"
    assert b"PAR1x" in asked.body


class TestUpload:
    """Of an object that is too large to go through lakeFS."""

    @pytest.fixture(autouse=True)
    def nothing_is_small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(adapter, "SMALL_BYTES", 0)

    ASK_PLACE = f"GET {REPOSITORY}/branches/ingest-1/staging/backing?path=train/a.parquet&presign=True"

    def place(self, server: ScriptedServer) -> Answer:
        return Answer(200, {"physical_address": f"{NAMESPACE}/data/x", "presigned_url": f"{server.url}/put?X-Amz=1"})

    def test_puts_the_bytes_and_links_them_by_their_checksum(
        self, lake: LakeFS, server: ScriptedServer, file: Path
    ) -> None:
        server.answers = [self.place(server), Answer(200), Answer(200, stats("train/a.parquet", "s3://b/x", 5))]

        lake.upload("r", "ingest-1", "train/a.parquet", file)

        link = {
            "staging": {"physical_address": f"{NAMESPACE}/data/x", "presigned_url": f"{server.url}/put?X-Amz=1"},
            "checksum": sha256(b"PAR1x").hexdigest(),
            "size_bytes": 5,
            "content_type": "application/x-parquet",
            "force": False,
        }
        assert server.asked == [
            Asked(self.ASK_PLACE),
            Asked("PUT /put?X-Amz=1", b"PAR1x"),
            Asked(f"PUT {REPOSITORY}/branches/ingest-1/staging/backing?path=train/a.parquet", link),
        ]
        # S3 refuses a presigned request that carries another authorization.
        assert "Authorization" not in server.headers[1]
        assert server.headers[1]["Content-Length"] == "5"

    def test_tries_a_put_again_that_s3_is_too_busy_for(self, lake: LakeFS, server: ScriptedServer, file: Path) -> None:
        linked = Answer(200, stats("train/a.parquet", "s3://b/x", 5))
        server.answers = [self.place(server), Answer(503, b"SlowDown"), Answer(0), Answer(200), linked]

        lake.upload("r", "ingest-1", "train/a.parquet", file)

        assert [line.split("?")[0] for line in server.lines[1:4]] == ["PUT /put"] * 3

    def test_asks_for_another_place_when_the_url_has_run_out(
        self, lake: LakeFS, server: ScriptedServer, file: Path
    ) -> None:
        linked = Answer(200, stats("train/a.parquet", "s3://b/x", 5))
        server.answers = [self.place(server), Answer(403, b"Expired"), self.place(server), Answer(200), linked]

        lake.upload("r", "ingest-1", "train/a.parquet", file)

        assert server.lines[2] == self.ASK_PLACE

    def test_says_which_rights_the_server_lacks_and_links_nothing(
        self, lake: LakeFS, server: ScriptedServer, file: Path
    ) -> None:
        denied = Answer(403, b"<Code>AccessDenied</Code>")
        server.answers = [self.place(server), denied, self.place(server), denied]

        with pytest.raises(PermanentError, match=r"403: <Code>AccessDenied.*kms:GenerateDataKey"):
            lake.upload("r", "ingest-1", "train/a.parquet", file)

        assert len(server.asked) == 4

    def test_names_the_rule_that_protects_the_branch(self, lake: LakeFS, server: ScriptedServer, file: Path) -> None:
        rules = Answer(200, [{"pattern": "*", "blocked_actions": ["delete"]}, {"pattern": "ingest-*"}])
        server.answers = [self.place(server), Answer(200), refused(403, "cannot write to protected branch"), rules]

        with pytest.raises(PermanentError) as error:
            lake.upload("r", "ingest-1", "train/a.parquet", file)

        assert str(error.value) == (
            "branch ingest-1 of r is protected by the rule `ingest-*`: exclude ingest-* (protect main and the like by "
            "their names), then redrive"
        )


def test_an_object_is_deleted(lake: LakeFS, server: ScriptedServer) -> None:
    server.answers = [Answer(204)]

    lake.delete("r", "ingest-1", "train/a")

    assert server.asked == [Asked(f"DELETE {REPOSITORY}/branches/ingest-1/objects?path=train/a")]


class TestObjects:
    LIST = f"GET {REPOSITORY}/refs/c1/objects/ls?after=&amount=1000&prefix=train/"

    def test_are_listed_with_where_they_lie(self, lake: LakeFS, server: ScriptedServer) -> None:
        server.answers = [THERE, page(stats("train/a", f"{NAMESPACE}/data/a", 10)), page()]

        assert list(lake.objects("r", "c1", "train/")) == [LakeObject("train/a", f"{NAMESPACE}/data/a", 10)]
        assert list(lake.objects("r", "c1", "train/")) == []

        assert server.lines == [f"GET {REPOSITORY}", self.LIST, self.LIST]

    def test_imported_objects_are_named_with_their_bucket(self, lake: LakeFS, server: ScriptedServer) -> None:
        written = json.loads((OPS / "imported-objects" / "objects.json").read_text())
        server.answers = [
            THERE,
            page(*(stats(entry["path"], entry["physical_address"], entry["size_bytes"]) for entry in written)),
        ]

        with pytest.raises(
            ForeignObjectError,
            match=r"train/b.parquet lies in s3://partner-exports/2024/b.parquet, outside the lake, .*: copy it in",
        ) as error:
            list(lake.objects("r", "c1", "train/"))

        assert error.value.subject == "lakefs://r/c1/train/b.parquet"


@pytest.mark.parametrize(
    ("answer", "holds"),
    [(page(stats("a", "s3://b/a", 1)), True), (page(), False), (refused(404, "repository not found"), False)],
)
def test_whether_main_holds_data_is_asked_with_one_object(
    lake: LakeFS, server: ScriptedServer, answer: Answer, holds: bool
) -> None:
    server.answers = [answer]

    assert lake.holds_data("r") is holds

    assert server.asked == [Asked(f"GET {REPOSITORY}/refs/main/objects/ls?amount=1")]


def test_whether_main_holds_data_is_not_guessed(lake: LakeFS, server: ScriptedServer) -> None:
    server.answers = [refused(410, "No data")]

    with pytest.raises(TransientError, match="list main of r"):
        lake.holds_data("r")


def test_what_is_uncommitted_is_asked_of_the_branch(lake: LakeFS, server: ScriptedServer) -> None:
    server.answers = [page({"type": "added", "path": "train/a", "path_type": "object", "size_bytes": 1})]

    assert lake.uncommitted("r", "ingest-1") == {"train/a"}

    assert server.asked == [Asked(f"GET {REPOSITORY}/branches/ingest-1/diff?after=&amount=1000")]
