"""uv trusts what the machine trusts, unless someone has said otherwise."""

from pathlib import Path

import pytest

from lakeloop.scripts import packages


@pytest.mark.parametrize("there", [True, False])
def test_the_systems_certificates_are_used_where_the_system_has_some(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, there: bool
) -> None:
    bundle = tmp_path / "ca-certificates.crt"
    if there:
        bundle.touch()
    monkeypatch.setattr(packages, "CERTIFICATES", (bundle,))

    assert packages.certificate_switch() == ({"UV_SYSTEM_CERTS": "1"} if there else {})
