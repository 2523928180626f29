"""Contracts compiled for Terraform and the functions: the same YAML gives the same bytes."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lakeloop import project
from lakeloop.compiler.judge import judge
from lakeloop.compiler.problems import Problem
from lakeloop.contract import DatasetContract
from lakeloop.contract.compiled import FORMAT

CONTRACTS = project.WORKSPACE / "datasets"
COMPILED = project.WORKSPACE / "build" / "contracts"


@dataclass(frozen=True)
class Judged:
    """The contracts of a folder by name, and everything that is wrong with its files."""

    contracts: dict[str, DatasetContract]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...] = ()
    lists: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By contract: SHA-256 of the files from which values were read, by their names."""


class WrongContractsError(Exception):
    """Contracts that cannot be compiled."""

    def __init__(self, folder: Path, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        listed = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"{counted(len(problems))} in {folder}:\n{listed}")


def counted(problems: int) -> str:
    return "1 problem" if problems == 1 else f"{problems} problems"


def judge_folder(folder: Path = CONTRACTS) -> Judged:
    """Judge every contract of a folder."""
    files = sorted(file for file in folder.glob("*") if file.suffix.lower() in (".yaml", ".yml"))
    if not files:
        return Judged({}, (Problem(str(folder), 0, "", "holds no contract: add <dataset>.yaml"),))
    judged = [judge_file(file) for file in files]
    contracts = {name: contract for one in judged for name, contract in one.contracts.items()}
    lists = {name: digests for one in judged for name, digests in one.lists.items()}
    problems = tuple(problem for one in judged for problem in one.problems)
    return Judged(contracts, problems, tuple(warning for one in judged for warning in one.warnings), lists)


def judge_file(file: Path) -> Judged:
    """Judge one contract."""
    if file.suffix != ".yaml":
        renamed = file.with_suffix(".yaml").name
        return Judged({}, (Problem(file.name, 0, "", f"a contract ends in .yaml: rename it to {renamed}"),))
    verdict = judge(file.name, file.read_bytes(), file.parent)
    if verdict.contract is None:
        return Judged({}, verdict.problems)
    return Judged({file.stem: verdict.contract}, verdict.problems, verdict.warnings, {file.stem: verdict.lists})


def build(folder: Path = CONTRACTS, into: Path = COMPILED) -> dict[str, DatasetContract]:
    """Compile all contracts of a folder and take away what is of none; with one wrong, raise WrongContractsError."""
    judged = judge_folder(folder)
    if judged.problems:
        raise WrongContractsError(folder, judged.problems)
    into.mkdir(parents=True, exist_ok=True)
    for name, contract in judged.contracts.items():
        source = (folder / f"{name}.yaml").read_bytes()
        _write(into / f"{name}.json", compiled(contract, source, judged.lists[name]))
    for file in into.glob("*.json"):
        if file.stem not in judged.contracts:
            file.unlink()
    return judged.contracts


def compiled(contract: DatasetContract, source: bytes, lists: Mapping[str, str]) -> bytes:
    """The document that Terraform deploys: with every default written out, so that a later default changes nothing."""
    document = {
        "format": FORMAT,
        "digest": hashlib.sha256(source).hexdigest(),
        "lists": dict(lists),
        "contract": contract.model_dump(mode="json", exclude_none=True),
    }
    return f"{json.dumps(document, indent=1, ensure_ascii=False)}\n".encode()


def _write(file: Path, content: bytes) -> None:
    """Two builds may run at once: whoever reads sees one whole document."""
    partial = file.with_suffix(f".{os.getpid()}.partial")
    partial.write_bytes(content)
    partial.replace(file)
