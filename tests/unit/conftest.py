"""Unit tests reach no cloud, also when one of the session runs or the shell points to one."""

import os

import pytest


@pytest.fixture(autouse=True)
def no_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
