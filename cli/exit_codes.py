"""How the command ends, for scripts; docs/terminal.md tells people."""

from enum import IntEnum

from lakeloop.client.errors import AdvisedError, MistakenNameError, RefusedDataError, WaitedTooLongError


class ExitCode(IntEnum):
    """The exit codes; Ctrl-C ends with the shell's 130."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    REFUSED = 3
    TIMED_OUT = 4


MEANINGS = {
    ExitCode.DONE: "done; also where `drop --follow` set some rows aside, or no training was due",
    ExitCode.FAILED: "something failed: a function, a training, an endpoint, a part that does not answer",
    ExitCode.USAGE: "the command line is wrong: an unknown command, option, dataset or file",
    ExitCode.REFUSED: "your data was refused: a file that cannot be read, or one that is quarantined whole",
    ExitCode.TIMED_OUT: "what was waited for did not happen in time",
}

_CODES: dict[type[AdvisedError], ExitCode] = {
    MistakenNameError: ExitCode.USAGE,
    RefusedDataError: ExitCode.REFUSED,
    WaitedTooLongError: ExitCode.TIMED_OUT,
}


def exit_code(error: Exception) -> ExitCode:
    """The code of an error; what is of no kind that scripts may care for has failed."""
    return next((code for kind, code in _CODES.items() if isinstance(error, kind)), ExitCode.FAILED)
