"""What a function puts on its disk, and what a process that died left there.

Lambda ends a function that runs out of time or memory, begins it anew on the same disk and clears nothing:
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

import os
import shutil
import tempfile
from pathlib import Path

PREFIX = "lakeloop-scratch-"


def scratch_prefix() -> str:
    """How the names of this process's files and folders begin."""
    return f"{PREFIX}{os.getpid()}-"


def scratch() -> tempfile.TemporaryDirectory[str]:
    """A folder for as long as it is used."""
    return tempfile.TemporaryDirectory(prefix=scratch_prefix())


def sweep_scratch() -> None:
    """Take away what processes left that are no more; called before this process has anything there itself."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        process = left.name.removeprefix(PREFIX).partition("-")[0]
        if process.isdigit() and not _is_another(int(process)):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)


def _is_another(process: int) -> bool:
    """Whether another process of this id lives; one before may have had ours."""
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
