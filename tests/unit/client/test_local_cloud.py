"""The local cloud of this folder."""

from pathlib import Path

import pytest

from lakeloop.client import local_cloud
from lakeloop.local.cloud import CloudPaths


def test_logs_are_found_by_part(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    paths = CloudPaths(local=tmp_path)
    monkeypatch.setattr(local_cloud, "PATHS", paths)
    assert local_cloud.log_files() == {}

    paths.log("aws").parent.mkdir()
    paths.log("aws").write_text("line\n")

    assert local_cloud.log_files() == {"aws": paths.log("aws")}
