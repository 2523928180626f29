"""Branches of people: data is changed on them, a model is trained from it, and main gets what passes its checks."""

import importlib.metadata
import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from lakeloop import names
from lakeloop.client.branch_check import BranchCheck, Problem, reasons
from lakeloop.client.dataset import Dataset, refuse_unreadable
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError, MistakenNameError, RefusedDataError
from lakeloop.client.row_changes import RowChanges
from lakeloop.client.table import Table
from lakeloop.client.versions import When, commit_at
from lakeloop.errors import MergeConflictError, UnreadableObjectError
from lakeloop.ingest.notification import PREFIX
from lakeloop.ingest.packs import withdraw
from lakeloop.ingest.shelf import Shelf
from lakeloop.ingest.transform import Origin, transform
from lakeloop.ingest.transformed import TransformedFile
from lakeloop.lake.borders import in_force
from lakeloop.lake.branches import own_branch
from lakeloop.lake.index import Index, RolledBack
from lakeloop.lake.layout import ALL_SPLITS, FEATURES, features_folder, name_of, place_of, rows_folder
from lakeloop.lake.ports import LakeBranch, LakeCommit
from lakeloop.messages import DataCommitted
from lakeloop.reports import now

# What lakeFS takes, without the names of the loop's own.
NAME = re.compile(r"(?!(?:ingest|keep)-)\w[-\w]{0,59}", re.ASCII)
# All tries of one call of lakeFS; rows are written, and whoever waits sees what for.
LAKE_SECONDS = 60
REASONS_TOLD = 5


@dataclass(frozen=True)
class Branch:
    """A branch, its newest commit, and when that was made, in seconds since 1970."""

    name: str
    commit: str
    created: int


@dataclass(frozen=True)
class Written:
    """What became of a file on a branch: rows that are there, and those that the gate refused, some with reasons."""

    commit: str
    rows: int
    refused: int
    reasons: tuple[str, ...]
    replaced: int


class Branches:
    """The branches of people in the repository of one dataset."""

    def __init__(self, environment: Environment, dataset: Dataset) -> None:
        self._environment = environment
        self._dataset = dataset
        self._repository = dataset.repository
        self._lake = environment.lake_within(LAKE_SECONDS)

    def create(self, name: str, at: When = names.MAIN) -> Branch:
        """A branch at a commit, by default the head of main. Raises MistakenNameError for a name that is taken."""
        if name == names.MAIN or NAME.fullmatch(name) is None:
            raise MistakenNameError(
                f"a branch cannot be called {name!r}",
                "take letters, digits, hyphens and underscores, at most 60, and neither main, ingest-... nor keep-...",
            )
        if any(branch.name == name for branch in self._lake.branches(self._repository, name)):
            raise MistakenNameError(f"{self._dataset.name} has a branch {name!r}", "name another, or drop it")
        commit = commit_at(self._lake, self._repository, at)
        self._lake.ensure_branch(self._repository, name, commit.id, hidden=False)
        return Branch(name, commit.id, commit.created)

    def listed(self) -> list[Branch]:
        """Newest first."""
        found = [
            Branch(branch.name, branch.commit, self._lake.commit_at(self._repository, branch.commit).created)
            for branch in self._lake.branches(self._repository, "")
            if branch.name != names.MAIN and not branch.name.startswith((names.INGEST_BRANCH, names.KEEP_BRANCH))
        ]
        return sorted(found, key=lambda branch: -branch.created)

    def drop(self, name: str) -> None:
        self._lake.delete_branch(self._repository, self._find(name).name)

    def diff(self, name: str) -> RowChanges:
        """The rows that came, went and changed on the branch since it left main."""
        base = self._lake.merge_base(self._repository, self._find(name).name)
        return Table(self._environment, self._dataset.name, name).diff(base)

    def write(self, name: str, file: Path, reason: str, replaces: str = "") -> Written:
        """Put the rows of a file on a branch, judged as files are that land; under its name again, it replaces them.

        `replaces` is a landed file, by its name below incoming/DATASET/, whose rows they take the place of. Raises
        RefusedDataError where no row is taken.
        """
        branch = self._find(name).name
        refuse_unreadable(file, self._dataset.contract)
        with TemporaryDirectory() as folder:
            index = Index(self._lake, self._repository, branch)
            contract = in_force(self._dataset.contract, index)
            shelf = Shelf(self._lake, self._repository, branch, contract, Path(folder))
            result = self._judged(shelf, file)
            replaced = self._take_out(shelf, index, replaces) if replaces else 0
            self._put(shelf, f"{branch}-{re.sub(r'[^A-Za-z0-9_.-]', '-', file.stem)}", result)
            shelf.write(index)
            commit = self._commit(branch, f"{file.name} by {self._environment.caller}", reason)
            refused = reasons(result.quarantine, "line", REASONS_TOLD)
            return Written(commit.id, result.rows_committed, result.rows_quarantined, refused, replaced)

    def check(self, name: str) -> list[Problem]:
        """What main must not get of a branch. Features that its rows lack are made and committed to it."""
        branch = self._find(name).name
        check = BranchCheck(self._lake, self._dataset.contract, self._repository, branch)
        problems = check.problems()
        if not problems and check.make_features():
            self._commit(branch, "Features of the rows on the branch", "")
        return problems

    def merge(self, name: str, reason: str) -> LakeCommit:
        """Bring a branch to main, which its check must have passed, and tell the loop.

        Raises AdvisedError with what is wrong, or where main changed the same parts meanwhile.
        """
        if problems := self.check(name):
            listed = "\n  ".join(map(str, problems))
            raise AdvisedError(
                f"main does not take branch {name}:\n  {listed}",
                f"mend it and commit that, or drop it: `lakeloop branch drop {self._dataset.name} {name}`",
            )
        head = self._find(name).commit
        try:
            # A merge that conflicts deletes its branch: main gets a copy, and the person keeps theirs.
            with own_branch(self._lake, self._repository, names.digest(name, head, length=32), at=head) as copy:
                merged = self._lake.merge(self._repository, copy, f"Merge branch {name}", self._metadata(reason, name))
        except MergeConflictError as error:
            raise AdvisedError(
                f"main changed the same parts as branch {name} since it was made: nothing is merged",
                f"merge main into it (lakectl merge lakefs://{self._repository}/main "
                f"lakefs://{self._repository}/{name}), or make another one and write there",
            ) from error
        self._tell(merged)
        return merged

    def _find(self, name: str) -> LakeBranch:
        found = next((b for b in self._lake.branches(self._repository, name) if b.name == name), None)
        if found is None or NAME.fullmatch(name) is None or name == names.MAIN:
            known = ", ".join(branch.name for branch in self.listed()) or "there is none yet"
            raise MistakenNameError(
                f"{self._dataset.name} has no branch {name!r}",
                f"name one that is there: {known}; `lakeloop branch create {self._dataset.name} NAME` makes one",
            )
        return found

    def _judged(self, shelf: Shelf, file: Path) -> TransformedFile:
        origin = Origin(f"lakefs://{shelf.repository}/{shelf.branch}/{file.name}", now().timestamp())
        try:
            result = transform(shelf.contract, lambda: file.open("rb"), file.name, shelf.new_folder(), origin=origin)
        except UnreadableObjectError as error:
            raise RefusedDataError(f"{file.name} cannot be read: {error}", "mend the file") from error
        if not result.rows_committed:
            listed = "\n  ".join(reasons(result.quarantine, "line", REASONS_TOLD))
            raise RefusedDataError(
                f"none of the {result.rows_in} rows of {file.name} fits the contract:\n  {listed}",
                f"`lakeloop contract check {file} --contract {self._dataset.name}` shows all reasons",
            )
        return result

    def _put(self, shelf: Shelf, place: str, result: TransformedFile) -> None:
        """The rows and their features at a place of the branch, without what an earlier file of the name left."""
        folders = [rows_folder(split) for split in ALL_SPLITS]
        for recipe in self._lake.folders(shelf.repository, shelf.branch, f"{FEATURES}/"):
            folders += [features_folder(recipe, split) for split in ALL_SPLITS]
        for folder in folders:
            for entry in self._lake.objects(shelf.repository, shelf.branch, f"{folder}{place}"):
                if place_of(name_of(entry)) == place:
                    self._lake.delete(shelf.repository, shelf.branch, entry.path)
        for number, part in enumerate(result.ranges):
            shelf.put(place, part, number if len(result.ranges) > 1 else None)

    def _take_out(self, shelf: Shelf, index: Index, replaced: str) -> int:
        """Take the rows of a landed file off the branch; nobody brings them back to main unasked."""
        bucket = self._environment.outputs.landing_bucket
        id_ = names.source_id(f"s3://{bucket}/{PREFIX}{self._dataset.name}/{replaced}")
        entry = index.get(id_)
        if entry is None or not entry.place:
            raise MistakenNameError(
                f"no rows of a file {replaced!r} lie apart on the branch",
                f"`lakeloop trace {self._dataset.name}` names files; under upsert rows lie among those of their keys",
            )
        rows = withdraw(shelf, index, [id_])
        index.roll_back(id_, RolledBack.of(entry))
        return rows

    def _commit(self, branch: str, message: str, reason: str) -> LakeCommit:
        return self._lake.commit(self._repository, branch, message, self._metadata(reason, branch))

    def _metadata(self, reason: str, branch: str) -> dict[str, str]:
        return {
            "dataset": self._dataset.name,
            "branch": branch,
            "who": self._environment.caller,
            "at": now().isoformat(timespec="seconds"),
            "reason": reason,
            "lakeloop": importlib.metadata.version("lakeloop"),
        }

    def _tell(self, merged: LakeCommit) -> None:
        """Wake start_tuning; how many rows came, it counts itself, as of all that people bring."""
        told = DataCommitted(
            dataset=self._dataset.name,
            repository=self._repository,
            commit=merged.id,
            rows_committed=0,
            correlation_id=names.digest(merged.id, length=32),
        )
        topic = self._environment.outputs.chains["start_tuning"].topic_arn
        self._environment.sns.publish(TopicArn=topic, Message=told.model_dump_json())
