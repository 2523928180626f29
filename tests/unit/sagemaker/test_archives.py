"""Archives of models and programs, on every Python from 3.11.0 on: unpacked whole, or refused."""

import io
import tarfile
from pathlib import Path

import pytest

from lakeloop.local.sagemaker.archives import UnsafeArchiveError, extract


def member(name: str, content: bytes = b"", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    made = tarfile.TarInfo(name)
    made.size = len(content)
    for field, value in fields.items():
        setattr(made, field, value)
    return made, content


def pack(folder: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    archive = folder / "model.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        for entry, content in members:
            packed.addfile(entry, io.BytesIO(content))
    return archive


@pytest.fixture(params=["this Python", "3.11.2"])
def _python(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also as before 3.11.4, where `extract` knows no filter and looks for none."""
    if request.param == "this Python":
        return
    later = tarfile.TarFile._extract_member

    def extract_without_filter(
        self: tarfile.TarFile,
        entry: tarfile.TarInfo,
        path: str = "",
        set_attrs: bool = True,
        *,
        numeric_owner: bool = False,
    ) -> None:
        later(self, entry, str(Path(path) / entry.name), set_attrs=set_attrs, numeric_owner=numeric_owner)

    monkeypatch.setattr(tarfile.TarFile, "extract", extract_without_filter)
    monkeypatch.delattr(tarfile, "data_filter")


@pytest.mark.usefixtures("_python")
def test_files_folders_and_links_inside_are_unpacked(tmp_path: Path) -> None:
    archive = pack(
        tmp_path,
        member("code", type=tarfile.DIRTYPE),
        member("code/train.py", b"print()", mode=0, uid=12345),
        member("latest.py", type=tarfile.SYMTYPE, linkname="code/train.py"),
        member("./xgboost-model", b"model"),
    )

    extract(archive, tmp_path / "into")

    assert (tmp_path / "into" / "xgboost-model").read_bytes() == b"model"
    assert (tmp_path / "into" / "latest.py").read_text() == "print()"
    assert (tmp_path / "into" / "code" / "train.py").stat().st_mode & 0o400


@pytest.mark.usefixtures("_python")
@pytest.mark.parametrize(
    "members",
    [
        [member("../outside", b"x")],
        [member("/etc/outside", b"x")],
        [member("link", type=tarfile.SYMTYPE, linkname="../..")],
        [member("link", type=tarfile.SYMTYPE, linkname="/etc")],
        [member("hard", type=tarfile.LNKTYPE, linkname="../model.tar.gz")],
        [member("a", type=tarfile.SYMTYPE, linkname="."), member("a/../../outside", b"x")],
        [member("pipe", type=tarfile.FIFOTYPE)],
        [member("device", type=tarfile.CHRTYPE)],
    ],
    ids=["above", "absolute", "link above", "link absolute", "hard link above", "over a link", "pipe", "device"],
)
def test_an_archive_that_reaches_outside_is_refused(
    tmp_path: Path, members: list[tuple[tarfile.TarInfo, bytes]]
) -> None:
    (tmp_path / "deep").mkdir()
    archive = pack(tmp_path / "deep", *members)

    with pytest.raises(UnsafeArchiveError):
        extract(archive, tmp_path / "deep" / "into")

    assert not (tmp_path / "outside").exists()
    assert not (tmp_path / "deep" / "outside").exists()


@pytest.mark.usefixtures("_python")
def test_something_else_than_an_archive_is_a_broken_one(tmp_path: Path) -> None:
    (tmp_path / "model.tar.gz").write_text("no archive")

    with pytest.raises(tarfile.TarError):
        extract(tmp_path / "model.tar.gz", tmp_path / "into")
