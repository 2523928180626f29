"""Where the tables come from: packages that ship them as files."""

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sklearn

# Beside each file the archive has one of macOS's.
SHADOW = "._"
PACKAGE = Path("lib") / "python3.*" / "site-packages" / "pydataset" / "resources.tar.gz"


@dataclass(frozen=True)
class Source:
    """A file with its name, which package it is of first."""

    name: str
    body: bytes

    @property
    def file(self) -> str:
        return self.name.rpartition("/")[2]


def sources(environment: Path) -> Iterator[Source]:
    """The 757 CSV files of pydataset, which is installed in a virtual environment of its own, then scikit-learn's."""
    (archive,) = environment.glob(str(PACKAGE))
    with tarfile.open(archive) as tar:
        for member in sorted(tar.getmembers(), key=lambda member: member.name):
            name = member.name.rpartition("/")[2]
            inside = "/rdata/csv/" in member.name
            if (
                inside
                and name.endswith(".csv")
                and not name.startswith(SHADOW)
                and (content := tar.extractfile(member))
            ):
                yield Source(f"pydataset/{member.name.partition('/rdata/csv/')[2]}", content.read())
    folder = Path(sklearn.__file__).parent / "datasets" / "data"
    for file in sorted((*folder.glob("*.csv"), *folder.glob("*.csv.gz"))):
        yield Source(f"scikit-learn/{file.name}", file.read_bytes())
