"""How the person at the terminal calls this command, so that what is printed can be pasted."""

import shlex
import shutil
import sys
from pathlib import Path

NAME = "lakeloop"


def command() -> str:
    """`lakeloop` where the shell finds this very one, else the path to it, from the current folder if it is below."""
    called = Path(sys.argv[0])
    found = shutil.which(NAME)
    if called.name != NAME or (found and Path(found).resolve() == called.resolve()):
        return NAME
    return shlex.quote(readable(called))


def readable(path: Path) -> str:
    """A path from the current folder if it lies below, else in full."""
    full = path.absolute()
    return str(full.relative_to(Path.cwd())) if full.is_relative_to(Path.cwd()) else str(full)
