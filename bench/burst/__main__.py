"""2,000 small files at once through the local cloud: nothing lost, nothing twice, and what it costs in calls and time.

The function's calls of lakeFS and S3, those to signed addresses among them, go through proxies that count them. The
last line is one JSON object.
"""

import argparse
import io
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import polars as pl

from bench.burst.recorder import RecordingProxy
from lakeloop import names, project
from lakeloop.client.contracts import build_contracts
from lakeloop.client.dataset import Dataset
from lakeloop.client.dead_letters import DeadLetters, depth
from lakeloop.client.environment import Environment, enter
from lakeloop.client.rollouts import ALIAS
from lakeloop.ingest.notification import PREFIX
from lakeloop.lake import layout
from lakeloop.local.cloud import CloudPaths, LocalCloud
from lakeloop.local.terraform.command import Terraform
from lakeloop.scripts.build import build

CONTRACT = Path(__file__).with_name("burst.yaml")
DATASET = CONTRACT.stem
CHAIN = "transform_data"
ROWS = 50
DROPPERS = 8
LOOK_SECONDS = 0.25
QUIET_LOOKS = 8


@dataclass(frozen=True)
class Burst:
    """The files by name, those of them that are bad, and those that S3 tells of twice."""

    files: dict[str, bytes]
    bad: frozenset[str]
    twice: frozenset[str]

    @classmethod
    def made(cls, count: int, bad: int, twice: int) -> "Burst":
        chosen = random.Random(0).sample(range(count), bad + twice)  # noqa: S311 which ones is of no matter
        refused = frozenset(name_of(number) for number in chosen[:bad])
        files = {name: b"\xff\xfe" if name in refused else table(n) for n, name in enumerated(count)}
        return cls(files, refused, frozenset(name_of(number) for number in chosen[bad:]))


def enumerated(count: int) -> list[tuple[int, str]]:
    return [(number, name_of(number)) for number in range(count)]


def name_of(number: int) -> str:
    return f"part-{number:05}.csv"


def table(number: int) -> bytes:
    first = number * ROWS
    colours = ("red", "green", "blue")
    lines = [f"{n},{('no', 'yes')[n % 2]},{n / 10},{n % 1000},{colours[n % 3]}" for n in range(first, first + ROWS)]
    return "\n".join(["id,y,a,b,c", *lines, ""]).encode()


class Recorded:
    """Proxies before lakeFS and S3, through which one function goes."""

    def __init__(self, environment: Environment, aws_url: str) -> None:
        self.s3 = RecordingProxy(aws_url, {})
        signed, instead = (f"//{urlsplit(url).netloc}/".encode() for url in (aws_url, self.s3.url))
        self.lake = RecordingProxy(environment.outputs.lakefs_endpoint.removesuffix("/api/v1"), {signed: instead})
        functions = boto3.client("lambda")
        name = environment.outputs.chains[CHAIN].function_name
        variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        endpoint = variables["LAKEFS_ENDPOINT"]
        variables["LAKEFS_ENDPOINT"] = self.lake.url + urlsplit(endpoint).path
        variables["AWS_ENDPOINT_URL_S3"] = self.s3.url
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
        functions.get_waiter("function_updated_v2").wait(FunctionName=name)
        version = functions.publish_version(FunctionName=name)["Version"]
        functions.update_alias(FunctionName=name, Name=ALIAS, FunctionVersion=version)

    @property
    def calls(self) -> dict[str, Counter[str]]:
        return {"lakefs": Counter(self.lake.calls), "s3": Counter(self.s3.calls)}


class Times:
    """When things were, by the clock of this process."""

    def __init__(self) -> None:
        self.first_drop = self.last_drop = self.last_commit = 0.0


def dropped(environment: Environment, burst: Burst, times: Times) -> None:
    """Drop all files from several threads; of some S3's notification is sent once more."""
    bucket, queue = environment.outputs.landing_bucket, environment.outputs.chains[CHAIN].queue_url
    s3, sqs = environment.s3, environment.sqs

    def drop(item: tuple[str, bytes]) -> None:
        name, body = item
        key = f"{PREFIX}{DATASET}/{name}"
        version = s3.put_object(Bucket=bucket, Key=key, Body=body)["VersionId"]
        if name in burst.twice:
            entity = {"bucket": {"name": bucket}, "object": {"key": key, "versionId": version}}
            sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"Records": [{"s3": entity}]}))

    times.first_drop = time.monotonic()
    with ThreadPoolExecutor(DROPPERS) as droppers:
        list(droppers.map(drop, burst.files.items()))
    times.last_drop = time.monotonic()


def settled(environment: Environment, repository: str, times: Times, deadline_seconds: float) -> None:
    """Wait until nothing is in the queue, and note when main moved last."""
    queue = environment.outputs.chains[CHAIN].queue_url
    head, quiet, ends = "", 0, time.monotonic() + deadline_seconds
    while quiet < QUIET_LOOKS:
        if time.monotonic() > ends:
            sys.exit(f"the queue was not empty after {deadline_seconds:g} s")
        if (now := environment.lake.head(repository)) != head:
            head, times.last_commit = now, time.monotonic()
        there = depth(environment.sqs, queue)
        quiet = 0 if there.waiting or there.in_flight else quiet + 1
        time.sleep(LOOK_SECONDS)


def wrong(environment: Environment, dataset: Dataset, burst: Burst) -> list[str]:
    """What is lost, there twice, or refused otherwise than expected."""
    good = {name for name in burst.files if name not in burst.bad}
    index = dataset.index()
    told = sorted(entry.uri.rpartition("/")[2] for _, entry in index.entries())
    counted = Counter(
        source["uri"].rpartition("/")[2]
        for commit in dataset.log()
        for source in json.loads(commit.metadata.get("sources", "[]"))
    )
    letters = DeadLetters(environment).of_chain(CHAIN)
    refused = sorted(letter.object.rpartition("/")[2].partition("?")[0] for letter in letters)
    print(f"{len(letters)} dead letters, the first: {letters[:1]}")
    ids = ids_on_main(environment, dataset.repository)
    expected = {str(row) for n, name in enumerated(len(burst.files)) if name in good for row in rows_of(n)}
    found = {
        "the index tells of other files than were dropped": told != sorted(good),
        "a file is in no commit, or in two": counted != Counter(good),
        "there are other dead letters than bad files": refused != sorted(burst.bad),
        "rows are lost": not expected <= set(ids),
        "rows are there that nobody dropped": not set(ids) <= expected,
        "rows are there twice": len(ids) != len(set(ids)),
        "the index counts other rows": index.counts().total != len(expected),
    }
    return [what for what, is_so in found.items() if is_so]


def rows_of(number: int) -> range:
    return range(number * ROWS, (number + 1) * ROWS)


def ids_on_main(environment: Environment, repository: str) -> Sequence[str]:
    ids: list[str] = []
    for entry in environment.lake.objects(repository, names.MAIN, f"{layout.ROWS}/"):
        bucket, _, key = entry.physical_address.removeprefix("s3://").partition("/")
        content = environment.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        ids += pl.read_parquet(io.BytesIO(content))["id"].to_list()
    return ids


def deployed(cloud: LocalCloud, folder: Path) -> Environment:
    """The loop with the bench's contract alone."""
    contracts, compiled = folder / "datasets", folder / "contracts"
    contracts.mkdir()
    shutil.copy(CONTRACT, contracts)
    build_contracts(contracts, compiled)
    build(cloud.environment["TF_VAR_lambda_runtime"], cloud.environment["TF_VAR_lambda_architecture"])
    where = {
        "TF_VAR_contracts_directory": str(contracts),
        "TF_VAR_compiled_contracts_directory": str(compiled),
    }
    terraform = Terraform(project.INFRA, {**cloud.environment, **where})
    terraform.init()
    terraform.apply()
    return Environment.current()


def measure(environment: Environment, aws_url: str, burst: Burst, deadline_seconds: float) -> dict[str, object]:
    dataset = Dataset(environment, DATASET)
    recorded, times = Recorded(environment, aws_url), Times()
    dropped(environment, burst, times)
    settled(environment, dataset.repository, times, deadline_seconds)
    calls = recorded.calls
    for server, counts in calls.items():
        for kind, count in counts.most_common():
            print(f"{server:6} {count:6} {kind}")
    commits = sum("sources" in commit.metadata for commit in dataset.log())
    return {
        "files": len(burst.files),
        "files_per_second": round(len(burst.files) / (times.last_commit - times.first_drop), 1),
        "commits": commits,
        "tries": calls["lakefs"]["POST branches"],
        "calls_per_file": round(sum(counts.total() for counts in calls.values()) / len(burst.files), 2),
        "lakefs_calls_per_file": round(calls["lakefs"].total() / len(burst.files), 2),
        "drop_seconds": round(times.last_drop - times.first_drop, 1),
        "last_drop_to_last_commit_seconds": round(times.last_commit - times.last_drop, 1),
        "wrong": wrong(environment, dataset, burst),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--bad", type=int, default=20)
    parser.add_argument("--twice", type=int, default=50)
    parser.add_argument("--deadline", type=float, default=600, metavar="SECONDS")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        cloud = LocalCloud.start(CloudPaths(root=project.WORKSPACE, local=folder / "cloud"))
        try:
            enter(cloud.environment)
            environment = deployed(cloud, folder)
            burst = Burst.made(asked.files, asked.bad, asked.twice)
            found = measure(environment, cloud.environment["AWS_ENDPOINT_URL"], burst, asked.deadline)
        finally:
            cloud.stop()
    print(json.dumps(found))
    sys.exit(1 if found["wrong"] else 0)


if __name__ == "__main__":
    main()
