"""Splits by time follow their borders: those that the contract names now, and those that go on with the rows."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, cast

import polars as pl

from lakeloop import names
from lakeloop.contract import Blocks, DatasetContract
from lakeloop.contract.ports import DeployedContracts
from lakeloop.errors import MergeConflictError
from lakeloop.ingest.moving import Mover, Moves
from lakeloop.ingest.shelf import Shelf
from lakeloop.lake.borders import advanced, in_force, laid
from lakeloop.lake.branches import own_branch
from lakeloop.lake.index import Advanced, Index
from lakeloop.lake.layout import rows_folder
from lakeloop.lake.ports import Lake
from lakeloop.messages import AdvanceSplits, DataCommitted, Message
from lakeloop.observability import logger
from lakeloop.reports import StepReport, StepReports, now
from lakeloop.scratch import scratch
from lakeloop.values import Value


class Publisher(Protocol):
    def publish(self, message: AdvanceSplits) -> None: ...


class Reader(Protocol):
    """Who is told that main has changed."""

    def publish(self, message: DataCommitted) -> None: ...


class AdvanceService:
    """The work of `advance_splits`. The index says what is moved, so a message that comes again goes on there."""

    def __init__(
        self,
        *,
        contracts: DeployedContracts,
        lake: Lake,
        publisher: Publisher,
        reader: Reader,
        reports: StepReports,
        name_prefix: str,
        git_sha: str,
    ) -> None:
        self._contracts = contracts
        self._lake = lake
        self._publisher = publisher
        self._reader = reader
        self._reports = reports
        self._name_prefix = name_prefix
        self._git_sha = git_sha

    def handle(self, message: Message, seconds_left: Callable[[], float]) -> None:
        """Move the rows of one dataset while there is time, and ask for the rest; asked for all, ask for each.

        Raises MergeConflictError where deliveries were quicker.
        """
        asked = AdvanceSplits.parse(message.body)
        if not asked.dataset:
            for name in self._contracts.names:
                self._publisher.publish(AdvanceSplits(dataset=name))
            return
        contract = self._contracts.get(asked.dataset)
        repository = names.repository(self._name_prefix, contract.name)
        contract = self._in_force(contract, repository)
        mover = Mover(lake=self._lake, contract=contract, repository=repository, git_sha=self._git_sha)
        moves = mover.move(seconds_left)
        self._tell(contract, repository, moves)
        if moves.lost:
            raise MergeConflictError(f"files of {repository} came while their rows were moved: the next try goes on")
        if moves.left:
            self._publisher.publish(AdvanceSplits(dataset=contract.name))
        # Who moved the last may not have lived to say so.
        elif moves.done or message.attempts > 1:
            self._reader.publish(
                DataCommitted(
                    dataset=contract.name,
                    repository=repository,
                    commit=self._lake.head(repository),
                    rows_committed=0,
                    correlation_id=names.digest("advanced", *laid(contract), length=32),
                )
            )

    def _in_force(self, contract: DatasetContract, repository: str) -> DatasetContract:
        """The contract with the borders that its rows are to lie by now."""
        head = self._lake.head(repository)
        found = in_force(contract, Index(self._lake, repository, head))
        if not laid(found):
            return found
        said = self._reports.get(contract.name, "advance_splits")
        # Behind the borders even a row of today would be too near; or main is as it was when it was looked at last.
        if advanced(found, now(), now()) is None or (said and said.commit == head):
            return found
        newest = self._newest(found, repository, head)
        later = advanced(found, newest, now()) if newest is not None else None
        if later is None:
            return found
        self._set(laid(contract), later, repository)
        return later

    def _newest(self, contract: DatasetContract, repository: str, commit: str) -> Value | None:
        """The newest value of the column that splits, which is among the rows of the test."""
        column = cast("Blocks", contract.splits.by).column
        found: list[Value] = []
        with scratch() as folder:
            file = Path(folder) / "rows.parquet"
            for entry in self._lake.objects(repository, commit, rows_folder("test")):
                self._lake.download(repository, commit, entry.path, file)
                found.append(pl.scan_parquet(file, glob=False).select(pl.col(column).max()).collect().item())
        return max((value for value in found if value is not None), default=None)

    def _set(self, own: tuple[str, ...], later: DatasetContract, repository: str) -> None:
        """Write the new borders to main, beside the contract's own: from now on deliveries go by them."""
        train, validation, _ = laid(later)
        correlation_id = names.digest("borders", *laid(later), length=32)
        with own_branch(self._lake, repository, correlation_id) as branch, scratch() as folder:
            index = Index(self._lake, repository, branch)
            index.advanced = Advanced(was=own, now=(train, validation))
            Shelf(self._lake, repository, branch, later, Path(folder)).write(index)
            message = f"Advance the borders to {train} and {validation}"
            metadata = {
                "dataset": later.name,
                "correlation_id": correlation_id,
                "git_sha": self._git_sha,
                "borders": f"{train} and {validation}",
                "rows_committed": "0",
            }
            committed = self._lake.commit(repository, branch, message, metadata)
            merged = self._lake.merge(repository, branch, message, committed.metadata)
        logger.info("advanced", extra={"repository": repository, "commit": merged.id, **metadata})

    def _tell(self, contract: DatasetContract, repository: str, moves: Moves) -> None:
        if not laid(contract):
            return
        train, validation, _ = laid(contract)
        why = f"rows before {train} are learned from, those before {validation} choose the model"
        waiting = moves.left + moves.lost
        if waiting:
            why = f"{why}; {waiting:,} of {moves.done + waiting:,} places are to be moved"
        logger.info("advance", extra={"dataset": contract.name, "why": why})
        commit = "" if waiting else self._lake.head(repository)
        report = StepReport(dataset=contract.name, step="advance_splits", good=True, why=why, commit=commit)
        self._reports.put(report)
