"""What a person means who names a commit of main, or a file that landed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lakeloop import names
from lakeloop.errors import PermanentError
from lakeloop.ingest.notification import PREFIX
from lakeloop.lake.index import Entry, Index
from lakeloop.lake.ports import CORRELATION_KEY, Lake, LakeCommit
from lakeloop.lake.sources import sources
from lakeloop.lineage.bad_data import taken_back

# Of a commit's id, as git takes too.
FEWEST_CHARACTERS = 6


class NothingToRollBackError(PermanentError):
    """What was named is not there, or brought nothing."""


@dataclass(frozen=True)
class Unwanted:
    """A file whose rows are to leave main.

    `brought` are the commits that put this version there, the first first: of several each read it anew. `before` is
    what main had of the file until then.
    """

    source_id: str
    entry: Entry
    brought: tuple[LakeCommit, ...]
    before: Entry | None


@dataclass(frozen=True)
class Target:
    """What is rolled back: the files of a commit, or a commit that a person made.

    `commits` begin with the one since when main is not as it should be; `gone` are the addresses of files that left
    main before by themselves.
    """

    commits: tuple[LakeCommit, ...]
    files: tuple[Unwanted, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def since(self) -> LakeCommit:
        return self.commits[0]

    @property
    def by_hand(self) -> bool:
        return not self.files and not self.gone


class Targets:
    """Finds what is meant, in the log and the index of one dataset's main."""

    def __init__(self, lake: Lake, repository: str, dataset: str, bucket: str) -> None:
        """`bucket` is where files land."""
        self._lake = lake
        self._repository = repository
        self._folder = f"s3://{bucket}/{PREFIX}{dataset}/"
        self._log = list(lake.log(repository, names.MAIN))
        self._index = Index(lake, repository, names.MAIN)

    def find(self, named: str) -> Target:
        """The commit of that id, or of an id that begins so; else the file of that name or address.

        Raises NothingToRollBackError with what to name instead.
        """
        commits = [commit for commit in self._log if _is_called(commit, named)]
        if len(commits) > 1:
            raise NothingToRollBackError(f"{len(commits)} commits begin with {named}: give more of the id")
        return self._of_commit(commits[0]) if commits else self._of_file(named)

    def _of_commit(self, commit: LakeCommit) -> Target:
        if not commit.parents:
            raise NothingToRollBackError(f"{commit.id} is the first commit: there is nothing before it")
        told = sources(commit)
        if not told and CORRELATION_KEY in commit.metadata:
            raise NothingToRollBackError(
                f"{commit.id} brought no rows: it moved, made or took away what others had brought. Name the commit or "
                "the file that brought the bad rows; what a rollback took out comes back by `lakeloop replay --file`"
            )
        for newer in self.since(commit):
            if not told and commit.id in taken_back(newer):
                raise NothingToRollBackError(f"{newer.id} rolled it back already")
        files, gone = [], []
        for source in told:
            file = self._unwanted(source.uri, source.version, until=commit)
            if file and commit in file.brought:
                files.append(file)
            else:
                gone.append(source.uri)
        return Target((commit,), tuple(files), tuple(gone))

    def _of_file(self, named: str) -> Target:
        uri = named if named.startswith("s3://") else f"{self._folder}{named.removeprefix(self._folder)}"
        mentions = list(self._mentions(uri))
        if not mentions:
            raise NothingToRollBackError(
                f"no commit of {self._repository} is called {named}, and none brought {uri}: "
                f"name a commit of its main, or a file below {self._folder}"
            )
        entry = self._index.get(names.source_id(uri))
        file = self._unwanted(uri, entry.version) if entry else None
        if file:
            return Target(file.brought, (file,))
        return Target((mentions[0][0],), gone=(uri,))

    def _unwanted(self, uri: str, version: str, until: LakeCommit | None = None) -> Unwanted | None:
        """The file, where main has this version, with all that brought it back to `until`, else to its beginning."""
        id_ = names.source_id(uri)
        entry = self._index.get(id_)
        if entry is None or entry.version != version:
            return None
        brought: list[LakeCommit] = []
        before = None
        for commit, mentioned in self._mentions(uri):
            if mentioned == version:
                brought.insert(0, commit)
                before = Index(self._lake, self._repository, commit.parents[0]).get(id_)
            if brought and (commit == until or before is None or before.version != version):
                break
        return Unwanted(id_, entry, tuple(brought), before)

    def _mentions(self, uri: str) -> Iterator[tuple[LakeCommit, str]]:
        """The commits that brought the file, newest first, with the version that they brought."""
        for commit in self._log:
            yield from ((commit, source.version) for source in sources(commit) if source.uri == uri)

    def since(self, commit: LakeCommit) -> Sequence[LakeCommit]:
        """A commit and all after it, newest first."""
        return self._log[: self._log.index(commit) + 1]


def _is_called(commit: LakeCommit, named: str) -> bool:
    """By its own id, or that of the branch's commit which it merged."""
    begins = len(named) >= FEWEST_CHARACTERS and any(id_.startswith(named) for id_ in commit.ids)
    return named in commit.ids or begins
