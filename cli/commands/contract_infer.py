"""`lakeloop contract infer`, and a file against a contract; neither asks a cloud."""

import shlex
from collections.abc import Sequence
from pathlib import Path

import typer
from pydantic import TypeAdapter
from rich.console import RenderableType
from rich.text import Text

from lakeloop.cli import console, invocation
from lakeloop.cli.output import print_json
from lakeloop.cli.views.inference import outcome_view, screen
from lakeloop.cli.views.layout import counted
from lakeloop.client.errors import AdvisedError, MistakenNameError, RefusedDataError
from lakeloop.compiler.build import CONTRACTS, WrongContractsError, judge_file
from lakeloop.contract import DatasetContract
from lakeloop.contract.dataset import DatasetName
from lakeloop.errors import UnreadableObjectError
from lakeloop.inference.infer import Inferred, infer
from lakeloop.inference.landed import Landed
from lakeloop.inference.names import dataset_name
from lakeloop.inference.outcome import Outcome, outcome_of
from lakeloop.inference.roles import Wishes

STDOUT = Path("-")


def infer_contract(files: Sequence[Path], wishes: Wishes, out: Path | None) -> None:
    """Write the contract, and show what was guessed and what would become of the files."""
    _check_name(wishes.name, out)
    landed = [_landed(file) for file in files]
    try:
        found = infer(landed, wishes)
    except UnreadableObjectError as error:
        raise RefusedDataError(str(error), "mend the file, or name columns as it does") from error
    if out == STDOUT:
        typer.echo(found.text, nl=False)
        return
    target = _new(out or CONTRACTS / f"{found.contract.name}.yaml")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(found.text, encoding="utf-8")
    _show(found, landed)
    _next_steps(target, found, files[0])


def stem_of(out: Path | None) -> str | None:
    """The name that a contract has by the file it is written to; None where that says none."""
    if out is None or out == STDOUT:
        return None
    if out.suffix != ".yaml":
        raise MistakenNameError(f"{out} is no place for a contract", f"write to `-o {out.with_suffix('.yaml')}`")
    return out.stem


def _check_name(name: str | None, out: Path | None) -> None:
    """Raises MistakenNameError where no dataset can have the name, before files are read."""
    if name is None or TypeAdapter(DatasetName).validator.isinstance_python(name):
        return
    better = dataset_name(name)
    written = out is not None and out != STDOUT and out.stem == name
    given = f"-o {out.with_stem(better)}" if out and written else f"--name {better}"
    raise MistakenNameError(
        f"{name} is no name of a dataset: lower-case letters, digits and underscores, a letter first", f"say `{given}`"
    )


def _landed(file: Path) -> Landed:
    if not file.is_file():
        raise MistakenNameError(f"there is no file {file}", "look at the path; it is read from the current folder")
    return Landed(file.name, lambda: file.open("rb"))


def _new(target: Path) -> Path:
    if target.exists():
        raise AdvisedError(
            f"{target} is there already", "write to another file with `-o`, or name the dataset by `--name`"
        )
    return target


def _show(found: Inferred, landed: Sequence[Landed]) -> None:
    screens = console.stdout()
    for part in screen(found, [file.name for file in landed]):
        screens.print(part)
    for file in landed:
        screens.print("", _became(found.contract, file), sep="\n")


def _became(contract: DatasetContract, file: Landed) -> RenderableType:
    """What would become of the file; of a header alone a contract can be written, and nothing committed."""
    try:
        return outcome_view(file.name, outcome_of(contract, file))
    except UnreadableObjectError as error:
        return Text(f"{file.name}: {error}")


def _next_steps(target: Path, found: Inferred, file: Path) -> None:
    """Commands that can be pasted; a contract among those of this folder goes by its name."""
    lakeloop = invocation.command()
    called = found.contract.name if target.parent == CONTRACTS else invocation.readable(target)
    questions = f"answer {counted(len(found.asks), 'line')} `# ask:` in it, then " if found.asks else ""
    check = f"{lakeloop} contract check {shlex.quote(str(file))} --contract {shlex.quote(called)}"
    out = console.stdout()
    out.print(Text(f"\nwritten to {invocation.readable(target)}"), soft_wrap=True)
    out.print(Text(f"next: {questions}`{check}`, then `{lakeloop} apply`"), soft_wrap=True)


def check_data(file: Path, contract: str, *, as_json: bool) -> None:
    """Say what would become of a file; exit code 3 when nothing of it would be committed."""
    landed = _landed(file)
    judged = _contract(contract)
    try:
        outcome = outcome_of(judged, landed)
    except UnreadableObjectError as error:
        raise RefusedDataError(f"{file.name}: {error}", "mend the file, or what the contract says of it") from error
    if as_json:
        print_json(outcome)
    else:
        console.stdout().print(outcome_view(file.name, outcome))
    _refuse_nothing(file, outcome)


def _contract(name: str) -> DatasetContract:
    """The contract of a dataset of this folder, or of a YAML file."""
    path = Path(name) if name.endswith(".yaml") else CONTRACTS / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in CONTRACTS.glob("*.yaml")))
        raise MistakenNameError(f"no contract is called {name}", f"name a .yaml file or one of {known}")
    judged = judge_file(path)
    if judged.problems:
        raise WrongContractsError(path.parent, judged.problems)
    return judged.contracts[path.stem]


def _refuse_nothing(file: Path, outcome: Outcome) -> None:
    if not outcome.committed:
        raise RefusedDataError(f"nothing of {file.name} would be committed", "mend the file, or the contract")
