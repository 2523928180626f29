"""The landed files of a dataset of which rows are in quarantine now, and mended rows sent back to them."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lakeloop.adapters.aws import error_code
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError, MistakenNameError, RefusedDataError
from lakeloop.client.quarantine import Rejected
from lakeloop.client.rejected_csv import JSON_COLUMN, RejectedCsv, mark, marked
from lakeloop.ingest.mend_keys import LONGEST_KEY_BYTES, mend_key, mends
from lakeloop.ingest.mending import Mend, MendedRecord
from lakeloop.ingest.notification import PREFIX, LandedObject
from lakeloop.lake.index import Index
from lakeloop.tables.buffer import count_lines
from lakeloop.tables.opening import format_of, open_table

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import PutObjectRequestTypeDef

MOST_REASONS = 3


@dataclass(frozen=True)
class QuarantinedFile:
    """A file of which rows are set aside, as it was judged last.

    `reasons` are the main ones, with how many rows each is of. `mend_waits`: mended rows were sent and are not judged.
    """

    dataset: str
    file: str
    version: str
    rows: int
    reasons: tuple[tuple[str, int], ...]
    on_main: bool
    mend_waits: bool
    quarantine_uri: str


@dataclass(frozen=True)
class Judged:
    """How the current version of a file was judged last; with mended rows where `landed` says so."""

    landed: LandedObject
    mend_waits: bool


@dataclass(frozen=True)
class SentMend:
    """What came of a mended CSV: `sent` rows differ from what is known; `stay` are in quarantine and not among them."""

    file: str
    version: str
    sent: int
    stay: int
    uri: str


class QuarantinedFiles:
    """Of one dataset; only current versions count, what was replaced is nobody's work any more."""

    def __init__(self, environment: Environment, dataset: str) -> None:
        self._dataset = Dataset(environment, dataset)
        self._s3 = environment.s3
        self._bucket = environment.outputs.landing_bucket

    def all(self) -> Iterator[QuarantinedFile]:
        for landed in self._current.values():
            if judged := self._judged(landed):
                rejected = self.rows(judged)
                reasons = Counter(
                    f"{r.column}: {r.rule}" if r.column else r.rule for row in rejected for r in row.reasons
                )
                yield QuarantinedFile(
                    dataset=self._dataset.name,
                    file=landed.uri,
                    version=landed.version,
                    rows=len(rejected),
                    reasons=tuple(reasons.most_common(MOST_REASONS)),
                    on_main=self._is_on_main(judged.landed),
                    mend_waits=judged.mend_waits,
                    quarantine_uri=self._dataset.quarantine_uri(judged.landed),
                )

    def find(self, name: str) -> Judged:
        """A file by its name below `incoming/<dataset>/`, or its address. Raises MistakenNameError."""
        folder = f"{PREFIX}{self._dataset.name}/"
        key = name.partition("?")[0].removeprefix(f"s3://{self._bucket}/").removeprefix(folder)
        landed = self._current.get(f"{folder}{key}")
        judged = self._judged(landed) if landed else None
        if judged is None:
            what = "has no rows in quarantine" if landed else f"is not at s3://{self._bucket}/{folder}"
            raise MistakenNameError(
                f"{key} {what}", f"`lakeloop quarantine list {self._dataset.name}` shows the files that have"
            )
        return judged

    def rows(self, judged: Judged) -> list[Rejected]:
        """The rows, by their lines in the file as it landed."""
        rejected = self._dataset.quarantined(self._dataset.quarantine_uri(judged.landed))
        mend = self._read_mend(judged.landed)
        return [replace(row, line=mend.line_of(row.line)) for row in rejected]

    def export(self, judged: Judged) -> bytes:
        return self._as_csv(judged.landed).write(self.rows(judged))

    def mend(self, body: bytes) -> SentMend:
        """Send mended rows to the file that they were exported from. Raises RefusedDataError where that cannot be."""
        landed = self._exported_from(marked(body))
        if self._format(landed) == "parquet":
            raise RefusedDataError(
                f"{landed.key} is Parquet, whose rows have no lines", "mend the file and drop it again under its name"
            )
        key = mend_key(landed)
        if len(key.encode()) > LONGEST_KEY_BYTES:
            raise RefusedDataError(
                f"{key} is longer than the {LONGEST_KEY_BYTES} bytes that S3 takes",
                "mend the file itself and drop it under a shorter name",
            )
        judged = self._judged(landed)
        rejected = {row.line: row for row in self.rows(judged)} if judged else {}
        newest = next(iter(self._mends[landed]), "")
        before = {record.line: record for record in self._read_mend(replace(landed, mended_by=newest)).records}
        changed = changed_records(self._as_csv(landed), body, rejected, before)
        if changed:
            records = {**before, **changed}
            self._send(key, Mend(records=tuple(records[line] for line in sorted(records))), newest)
        return SentMend(
            landed.uri,
            landed.version,
            len(changed),
            len(rejected.keys() - changed.keys()),
            f"s3://{self._bucket}/{key}",
        )

    def _exported_from(self, found: str) -> LandedObject:
        for landed in self._current.values():
            if mark(landed) == found:
                return landed
        if older := next((landed for landed in self._older if mark(landed) == found), None):
            raise RefusedDataError(
                f"a newer version of {older.key} landed since the rows were exported, and it wins",
                "export its rows, if there are still some in quarantine, and mend those",
            )
        raise RefusedDataError(
            f"no file of {self._dataset.name} has the version that the rows were exported from",
            "name the dataset that they are of; of a file that is deleted nothing can be mended",
        )

    def _send(self, key: str, mend: Mend, newest: str) -> None:
        request: PutObjectRequestTypeDef = {"Bucket": self._bucket, "Key": key, "Body": mend.model_dump_json().encode()}
        if newest:
            request["IfMatch"] = self._s3.head_object(Bucket=self._bucket, Key=key, VersionId=newest)["ETag"]
        else:
            request["IfNoneMatch"] = "*"
        try:
            self._s3.put_object(**request)
        except ClientError as error:
            if error_code(error) in ("PreconditionFailed", "ConditionalRequestConflict"):
                raise AdvisedError(
                    "somebody else sent mended rows of this file just now", "send yours again"
                ) from error
            raise

    def _as_csv(self, landed: LandedObject) -> RejectedCsv:
        if self._format(landed) != "csv":
            return RejectedCsv(mark(self._as_landed(landed)), None, [JSON_COLUMN])
        contract = self._dataset.contract
        header = [column.name for column in contract.columns]
        if contract.file.header:
            body = self._s3.get_object(Bucket=self._bucket, Key=landed.key, VersionId=landed.version)["Body"]
            header = open_table(body, contract.file, landed.key).header or header
        return RejectedCsv(mark(self._as_landed(landed)), contract.file, header)

    def _format(self, landed: LandedObject) -> str:
        return format_of(self._dataset.contract.file, landed.key)

    def _as_landed(self, landed: LandedObject) -> LandedObject:
        return replace(landed, mended_by="")

    def _read_mend(self, landed: LandedObject) -> Mend:
        if not landed.mended_by:
            return Mend(records=())
        found = self._s3.get_object(Bucket=self._bucket, Key=mend_key(landed), VersionId=landed.mended_by)
        return Mend.parse(found["Body"].read())

    def _judged(self, landed: LandedObject) -> Judged | None:
        """How a version was judged last; None when no row of it is set aside."""
        newest = True
        for version in self._mends[landed]:
            read = replace(landed, mended_by=version)
            if read.event_id in self._quarantined:
                return Judged(read, mend_waits=not newest)
            if self._is_on_main(read):
                return None
            newest = False
        return Judged(landed, mend_waits=not newest) if landed.event_id in self._quarantined else None

    def _is_on_main(self, landed: LandedObject) -> bool:
        entry = self._index.get(landed.source_id)
        return entry is not None and entry.event_id == landed.event_id

    @cached_property
    def _index(self) -> Index:
        return self._dataset.index()

    @cached_property
    def _quarantined(self) -> set[str]:
        return self._dataset.quarantined_events()

    @cached_property
    def _versions(self) -> list[tuple[LandedObject, bool]]:
        """All versions of all objects, of each the newest first, and whether it is the current one."""
        pages = self._s3.get_paginator("list_object_versions").paginate(
            Bucket=self._bucket, Prefix=f"{PREFIX}{self._dataset.name}/"
        )
        return [
            (LandedObject(self._bucket, entry["Key"], entry["VersionId"], self._dataset.name), entry["IsLatest"])
            for page in pages
            for entry in page.get("Versions", [])
        ]

    @cached_property
    def _current(self) -> Mapping[str, LandedObject]:
        """By key, without mended rows."""
        return {landed.key: landed for landed, current in self._versions if current and mends(landed) is None}

    @property
    def _older(self) -> Iterator[LandedObject]:
        return (landed for landed, current in self._versions if not current)

    @cached_property
    def _mends(self) -> Mapping[LandedObject, Sequence[str]]:
        """The versions of the mended rows of each version of a file, the newest first."""
        found: dict[LandedObject, list[str]] = defaultdict(list)
        for landed, _ in self._versions:
            if source := mends(landed):
                found[self._as_landed(source)].append(landed.version)
        return found


def changed_records(
    written: RejectedCsv, body: bytes, rejected: Mapping[int, Rejected], before: Mapping[int, MendedRecord]
) -> dict[int, MendedRecord]:
    """The records of a mended CSV that differ from what is in quarantine or was sent before, by line.

    Raises RefusedDataError for a line that is in neither.
    """
    changed: dict[int, MendedRecord] = {}
    for line, row in written.read(body):
        known, sent = rejected.get(line), before.get(line)
        if known is None and sent is None:
            raise RefusedDataError(
                f"line {line} of the file is not in quarantine", "leave the lines as exported, or export again"
            )
        if (known and written.as_written(known.raw) == row) or (sent and written.as_written(sent.text.encode()) == row):
            continue
        try:
            text = row.decode()
        except UnicodeDecodeError as error:
            raise RefusedDataError(
                f"the mended row of line {line} is no text of UTF-8", "save the CSV as UTF-8"
            ) from error
        lines = sent.lines if sent else 1 + count_lines(known.raw, 0, len(known.raw)) if known else 1
        if line in changed:
            raise RefusedDataError(f"line {line} comes twice", "leave each line once")
        changed[line] = MendedRecord(line=line, lines=lines, text=text)
    return changed
