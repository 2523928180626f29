"""Waiting for the loop: what must follow a dropped file, step by step, each with a deadline."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import TypeVar

from lakeloop.client.dataset import Dataset
from lakeloop.client.dead_letters import DeadLetter, DeadLetters
from lakeloop.client.environment import Environment
from lakeloop.client.errors import LoopFailedError
from lakeloop.client.failures import Failures, described
from lakeloop.client.follow import (
    READ_TRIALS_LOG,
    Drop,
    Ingested,
    Postponed,
    Trial,
    TuningState,
    look_at_endpoint,
    look_at_trials,
    look_at_verdict,
    look_for_rejection,
    look_for_rows,
    look_for_tuning,
)
from lakeloop.client.waiting import Look, Note, Waiter
from lakeloop.deployment.ports import EndpointState
from lakeloop.registry.ports import ModelVersion
from lakeloop.training.ports import TuningRun
from lakeloop.training.tuning_job import MAXIMIZED

T = TypeVar("T")

SECONDS_BETWEEN_GUARDS = 2.0
# S3 gives whole seconds, and its clock is not this machine's.
CLOCKS_DIFFER = timedelta(seconds=2)


@dataclass(frozen=True)
class Deadlines:
    """Longest waits in seconds; the defaults leave AWS the time it takes."""

    ingest: float = 900
    tuning_start: float = 600
    tuning: float = 4 * 3600
    verdict: float = 3600
    serving: float = 3600


class LoopWatch:
    """Waits for the loop of one dataset; what failed before the watch began is not its concern."""

    def __init__(self, environment: Environment, dataset: Dataset, deadlines: Deadlines | None = None) -> None:
        self._environment = environment
        self._dataset = dataset
        self._deadlines = deadlines or Deadlines()
        self._waiter = Waiter(guard=DeadLetterGuard(DeadLetters(environment)))
        self._failures = LiveFailures(environment, dataset)

    def wait_for_rows(self, drop: Drop, note: Note) -> Ingested:
        quarantine_uri = self._dataset.quarantine_uri(drop.landed)

        def look() -> Look[Ingested]:
            seen = look_for_rows(drop, self._dataset.commits())
            if seen.value:
                return seen
            return look_for_rejection(drop, quarantine_uri, len(self._dataset.quarantined(quarantine_uri)))

        return self._waiter.wait(
            f"the rows of {drop.landed.uri} on main",
            self._failures.told("transform_data", look),
            seconds=self._deadlines.ingest,
            note=note,
            advice=self._read_log_of("transform_data"),
        )

    def wait_for_tuning(self, commit: str, note: Note) -> TuningRun | Postponed:
        """A tuning job on this commit or a later one, or the reason why there is none now."""

        def look() -> Look[TuningRun | Postponed]:
            # Asked before the job is looked for: one that starts in between is then found, not taken for an older one.
            why_not = self._dataset.why_no_tuning()
            later = [c.id for c in takewhile(lambda c: c.id != commit, self._dataset.commits())]
            return look_for_tuning(self._dataset.latest_tuning(), [*later, commit], why_not)

        return self._waiter.wait(
            f"a tuning job on commit {commit[:12]} of {self._dataset.repository}",
            self._failures.told("start_tuning", look),
            seconds=self._deadlines.tuning_start,
            note=note,
            advice=self._read_log_of("start_tuning"),
        )

    def wait_for_trials(self, tuning_job: str, note: Note) -> list[Trial]:
        """The training jobs of a tuning job, once it has completed."""
        training = self._dataset.contract.training

        def look() -> Look[list[Trial]]:
            state = TuningState(tuning_job, *self._dataset.tuning_status(tuning_job))
            trials = self._dataset.trials(tuning_job)
            return look_at_trials(state, trials, planned=training.planned_trials, maximize=training.metric in MAXIMIZED)

        return self._waiter.wait(
            f"tuning job {tuning_job} to complete",
            look,
            seconds=self._deadlines.tuning,
            note=note,
            advice=READ_TRIALS_LOG,
        )

    def wait_for_verdict(self, tuning_job: str, note: Note) -> ModelVersion:
        """The version that the model of a tuning job became, approved or not."""

        def look() -> Look[ModelVersion]:
            said = self._dataset.report("evaluate_model")
            complaint = said.why if said and said.job == tuning_job and not said.good else ""
            return look_at_verdict(self._dataset.version_of(tuning_job), complaint)

        return self._waiter.wait(
            f"the verdict on the model of {tuning_job}",
            self._failures.told("evaluate_model", look),
            seconds=self._deadlines.verdict,
            note=note,
            advice=self._read_log_of("evaluate_model"),
        )

    def wait_for_endpoint(self, tuning_job: str, note: Note) -> EndpointState:
        def look() -> Look[EndpointState]:
            return look_at_endpoint(self._dataset.endpoint(), tuning_job)

        return self._waiter.wait(
            f"endpoint {self._dataset.endpoint_name} to serve the model of {tuning_job}",
            self._failures.told("deploy_model", look),
            seconds=self._deadlines.serving,
            note=note,
            advice=self._read_log_of("deploy_model"),
        )

    def _read_log_of(self, function: str) -> str:
        group = self._environment.outputs.functions[function].log_group
        return f"read the function's log: `lakeloop logs {function}` (log group {group})"


class LiveFailures:
    """Adds to each look how the function that is waited for has failed last; SQS lets it try again for minutes."""

    def __init__(self, environment: Environment, dataset: Dataset, clock: Callable[[], float] = time.monotonic) -> None:
        self._failures = Failures(environment)
        self._dataset = dataset
        self._clock = clock
        self._begun = datetime.now(UTC) - CLOCKS_DIFFER
        self._next_check = 0.0
        self._last = ""

    def told(self, function: str, look: Callable[[], Look[T]]) -> Callable[[], Look[T]]:
        """The look; while it finds nothing, its text begins with the last failure of the function, if there is one."""
        self._last, self._next_check = "", 0.0

        def look_twice() -> Look[T]:
            seen = look()
            if seen.value is not None:
                return seen
            failed = self._last_failure(function)
            return Look(f"{failed}; {seen.text}" if failed else seen.text)

        return look_twice

    def _last_failure(self, function: str) -> str:
        if self._clock() >= self._next_check:
            self._next_check = self._clock() + SECONDS_BETWEEN_GUARDS
            found = (f for f in self._failures.since(function, self._begun) if self._dataset.may_be_meant(f.object))
            failure = next(found, None)
            self._last = described(failure) if failure else ""
        return self._last


class DeadLetterGuard:
    """Raises once a message has gone to a dead-letter queue since the guard was set up: the loop is broken then."""

    def __init__(self, dead_letters: DeadLetters, clock: Callable[[], float] = time.monotonic) -> None:
        self._dead_letters = dead_letters
        self._clock = clock
        self._known = {letter.message_id for letter in dead_letters.all()} if dead_letters.count() else set()
        self._next_check = 0.0

    def __call__(self) -> None:
        if self._clock() < self._next_check:
            return
        self._next_check = self._clock() + SECONDS_BETWEEN_GUARDS
        if self._dead_letters.count() <= len(self._known):
            return
        if fresh := [letter for letter in self._dead_letters.all() if letter.message_id not in self._known]:
            raise LoopFailedError(describe(fresh), "mend the cause and drop the file again; see `lakeloop dlq list`")


def describe(letters: Sequence[DeadLetter]) -> str:
    lines = [f"{letter.chain}: {letter.object}: {letter.reason} ({letter.attempts} tries)" for letter in letters]
    return "\n  ".join(["what could not be handled went to a dead-letter queue:", *lines])
