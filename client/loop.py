"""Waiting for the loop: what must follow a dropped file, step by step, each with a deadline."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from lakeloop.client.dataset import Dataset
from lakeloop.client.dead_letters import DeadLetter, DeadLetters
from lakeloop.client.environment import Environment
from lakeloop.client.follow import (
    READ_TRIALS_LOG,
    Drop,
    Ingested,
    Postponed,
    Trial,
    TuningState,
    look_at_endpoint,
    look_at_trials,
    look_for_rejection,
    look_for_rows,
    look_for_tuning,
)
from lakeloop.client.errors import LoopFailedError
from lakeloop.client.waiting import Look, Note, Waiter
from lakeloop.deployment.ports import EndpointState
from lakeloop.training.ports import TuningRun
from lakeloop.training.tuning_job import MAXIMIZED

SECONDS_BETWEEN_GUARDS = 2.0


@dataclass(frozen=True)
class Deadlines:
    """Longest waits in seconds; the defaults leave AWS the time it takes."""

    ingest: float = 900
    tuning_start: float = 600
    tuning: float = 4 * 3600
    serving: float = 3600


class LoopWatch:
    """Waits for the loop of one dataset; dead letters that came before the watch began are not its concern."""

    def __init__(self, environment: Environment, dataset: Dataset, deadlines: Deadlines | None = None) -> None:
        self._environment = environment
        self._dataset = dataset
        self._deadlines = deadlines or Deadlines()
        self._waiter = Waiter(guard=DeadLetterGuard(DeadLetters(environment)))

    def wait_for_rows(self, drop: Drop, note: Note) -> Ingested:
        quarantine_uri = self._dataset.quarantine_uri(drop.landed)

        def look() -> Look[Ingested]:
            seen = look_for_rows(drop, self._dataset.commits())
            if seen.value:
                return seen
            return look_for_rejection(drop, quarantine_uri, len(self._dataset.quarantined(quarantine_uri)))

        return self._waiter.wait(
            f"the rows of {drop.landed.uri} on main",
            look,
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
            look,
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
            return look_at_trials(state, trials, planned=training.trials, maximize=training.metric in MAXIMIZED)

        return self._waiter.wait(
            f"tuning job {tuning_job} to complete",
            look,
            seconds=self._deadlines.tuning,
            note=note,
            advice=READ_TRIALS_LOG,
        )

    def wait_for_endpoint(self, tuning_job: str, note: Note) -> EndpointState:
        return self._waiter.wait(
            f"endpoint {self._dataset.endpoint_name} to serve the model of {tuning_job}",
            lambda: look_at_endpoint(self._dataset.endpoint(), tuning_job),
            seconds=self._deadlines.serving,
            note=note,
            advice=self._read_log_of("deploy_model"),
        )

    def _read_log_of(self, function: str) -> str:
        group = self._environment.outputs.functions[function].log_group
        return f"read the function's log: `lakeloop logs {function}` (log group {group})"


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
