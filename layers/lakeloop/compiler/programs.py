"""Training programs that lie in files of their own beside a contract: `training: {script: training/mine.py}`."""

import ast
import hashlib
import re
from pathlib import Path, PurePosixPath

from lakeloop.compiler.lists import Lists
from lakeloop.compiler.problems import difference, shown
from lakeloop.compiler.source import Source, UnreadableError, decoded
from lakeloop.contract.base import Broken
from lakeloop.contract.training import LONGEST_SCRIPT

PLACE = ("training", "script")
NAME = re.compile(r"training/[a-z][a-z0-9_]*\.py")
EXPECTED = "training/NAME.py, a program in the folder training beside the contract"


def put_in(source: Source, folder: Path) -> Lists:
    """Put the text of the program in the place of its name; its SHA-256, and what is wrong with it."""
    training = source.value.get("training")
    if not (isinstance(training, dict) and training.get("script") is not None):
        return Lists({}, ())
    named = training["script"]
    try:
        content = _content(folder, named)
        training["script"] = _judged(str(named), content)
    except UnreadableError as error:
        # No second problem where the program is missing.
        source.aliases.append(PLACE)
        return Lists({}, ((PLACE, error.what),))
    return Lists({str(named): hashlib.sha256(content).hexdigest()}, ())


def _content(folder: Path, name: object) -> bytes:
    if not (isinstance(name, str) and NAME.fullmatch(name)):
        raise UnreadableError(difference(Broken((), EXPECTED, shown(name))))
    try:
        content = (folder / PurePosixPath(name)).read_bytes()
    except OSError as error:
        raise UnreadableError(difference(Broken((), f"{EXPECTED} ({error.strerror})", shown(name)))) from error
    if len(content) > LONGEST_SCRIPT:
        expected = f"a program of at most {LONGEST_SCRIPT // 1024} KiB"
        raise UnreadableError(difference(Broken((), expected, f"{len(content):,} bytes in {name}")))
    return content


def _judged(name: str, content: bytes) -> str:
    text = decoded(content)
    try:
        ast.parse(text)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        where = f"{name}, line {line}" if line else name
        raise UnreadableError(difference(Broken((), "a program in Python", f"{error.args[0]} in {where}"))) from error
    return text
