"""Unpacking archives that others made: nothing of them may lie outside the folder they are unpacked into.

`tarfile` can see to that itself from Python 3.11.4 on; Debian 12 has 3.11.2.
"""

import tarfile
from pathlib import Path


class UnsafeArchiveError(tarfile.TarError):
    """A member of an archive reaches outside, or is neither file, folder nor link."""


def extract(archive: Path, folder: Path) -> None:
    """Unpack a tar archive, compressed or not. Raises tarfile.TarError, EOFError or OSError for a broken one."""
    root = folder.resolve()
    with tarfile.open(archive) as packed:
        # Later versions warn, and the latest refuses links by default, unless they are told who judges the members.
        packed.extraction_filter = lambda member, _path: member
        # One by one, so that a link that was unpacked is followed where a later member's path leads over it.
        for member in packed:
            check(member, root)
            # Without owners and modes of another machine.
            packed.extract(member, root, set_attrs=False)


def check(member: tarfile.TarInfo, root: Path) -> None:
    target = root / member.name
    reached = [target]
    if member.issym():
        reached.append(target.parent / member.linkname)
    elif member.islnk():
        reached.append(root / member.linkname)
    elif not (member.isfile() or member.isdir()):
        raise UnsafeArchiveError(f"{member.name} is neither a file, a folder nor a link")
    for path in reached:
        if not path.resolve().is_relative_to(root):
            raise UnsafeArchiveError(f"{member.name} would reach outside the folder it is unpacked into")
