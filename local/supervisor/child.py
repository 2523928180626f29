"""What every process of the local cloud does about the process that started it.

`python -m lakeloop.local.supervisor.child PROGRAM ...` does it for a program that is not ours: the setting outlives
the exec.
"""

import ctypes
import os
import signal
import sys

# Set by the supervisor for its children: who their parent was when they were started.
PARENT_VARIABLE = "LAKELOOP_PARENT_PID"
PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Have the kernel send this process SIGTERM when the thread that started it ends.

    SIGTERM and not SIGKILL, because the emulator saves its state when it is asked to stop. Start children from a
    thread that lives as long as they should: the kernel watches the thread, not the process.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    # The parent may have died between starting this process and the line above.
    expected = os.environ.get(PARENT_VARIABLE)
    if expected is not None and int(expected) != os.getppid():
        sys.exit("the process that started this one is gone")


if __name__ == "__main__":
    die_with_parent()
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - the command comes as separate words
