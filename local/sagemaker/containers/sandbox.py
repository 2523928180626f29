"""Gives a command a file system with its own /opt/ml, then becomes that command.

A user namespace needs no privileges on most machines. Where it is forbidden (some Ubuntu releases, containers without
CAP_SYS_ADMIN) the command runs without it and finds the folder in ML_ROOT.

    python -m lakeloop.local.sagemaker.containers.sandbox --root ROOT [--folder BELOW] [--no-mount] [--no-network] \\
        -- COMMAND ...
"""

import argparse
import ctypes
import os
import sys
from pathlib import Path

from lakeloop.local.supervisor.child import die_with_parent

# From <linux/sched.h> and <sys/mount.h>; Python has them from 3.12 on.
CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x00020000, 0x10000000, 0x40000000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000

OPT = Path("/opt")
ML = OPT / "ml"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--folder", default=".")
    parser.add_argument("--no-mount", action="store_true")
    parser.add_argument("--no-network", action="store_true")
    parser.add_argument("command", nargs="+")
    chosen = parser.parse_args()
    root = chosen.root
    if not chosen.no_mount:
        try:
            enter_namespaces(network=not chosen.no_network)
            mount_ml(chosen.root)
            root = ML
        except OSError as error:
            sys.exit(f"no namespace for the container: {error}")
    # After the namespaces: the kernel forgets the wish when a process changes its credentials.
    die_with_parent()
    os.chdir(root / chosen.folder)
    os.execvpe(chosen.command[0], chosen.command, {**os.environ, "ML_ROOT": str(root)})  # noqa: S606


def enter_namespaces(*, network: bool) -> None:
    user, group = os.getuid(), os.getgid()
    _call("unshare", CLONE_NEWUSER | CLONE_NEWNS | (0 if network else CLONE_NEWNET))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    _mount("none", Path("/"), MS_REC | MS_PRIVATE)


def mount_ml(root: Path) -> None:
    if not ML.is_dir():
        _make_opt_writable(root.parent / "opt")
        ML.mkdir()
    _mount(str(root), ML, MS_BIND)


def _make_opt_writable(beside: Path) -> None:
    """Cover /opt, which belongs to the machine, with a memory file system that shows all that was there."""
    beside.mkdir(exist_ok=True)
    _mount(str(OPT), beside, MS_BIND | MS_REC)
    _mount("tmpfs", OPT, 0, kind="tmpfs")
    for entry in beside.iterdir():
        shown = OPT / entry.name
        if entry.is_symlink():
            shown.symlink_to(entry.readlink())
            continue
        shown.mkdir() if entry.is_dir() else shown.touch()
        _mount(str(entry), shown, MS_BIND | MS_REC)


def _mount(source: str, target: Path, flags: int, kind: str = "") -> None:
    _call("mount", source.encode(), str(target).encode(), kind.encode() or None, flags, None)


def _call(function: str, *arguments: int | bytes | None) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, function)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{function}: {os.strerror(number)}")


if __name__ == "__main__":
    main()
