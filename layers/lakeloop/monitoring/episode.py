"""What follows from drift and decay: one ask for training an episode, or an alarm alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lakeloop.contract import Monitor
from lakeloop.monitoring.window import Verdict


@dataclass(frozen=True)
class Episode:
    """Drift of the model that serves, from its first window on; it ends with the drift, or with the model."""

    begun: datetime
    model: str
    asked: bool = False


@dataclass(frozen=True)
class Watched:
    """What is known at the end of a window.

    `verdicts` are those of this model's windows, oldest first, this one included; `at` is when the first of what may
    begin an episode was predicted, and `labelled_rows` came to main of predictions since. `held` says why nothing may
    be asked for yet.
    """

    model: str
    at: datetime
    verdicts: Sequence[Verdict]
    decayed: bool
    labelled_rows: int
    held: str = ""


@dataclass(frozen=True)
class Reaction:
    """`alarm` for a person, `ask` for start_tuning; the episode goes into the next decision, None outside of one."""

    verdict: Verdict
    alarm: bool
    ask: bool
    why: str
    episode: Episode | None


def drifting(policy: Monitor, verdicts: Sequence[Verdict]) -> bool:
    """Whether so many of the last windows drift that it is no accident."""
    return sum(verdict is Verdict.DRIFT for verdict in verdicts[-policy.of_windows :]) >= policy.alarm_windows


def react(policy: Monitor, watched: Watched, before: Episode | None) -> Reaction:
    """One ask in an episode, as soon as there are labelled rows from it to learn from.

    From the rows that the model knows the same model would come, so without new ones nothing is asked for.
    """
    drifts = drifting(policy, watched.verdicts)
    if not (drifts or watched.decayed):
        last = watched.verdicts[-1] if watched.verdicts else Verdict.FEW_ROWS
        said = "one window drifts" if last is Verdict.DRIFT else str(last)
        return Reaction(last, alarm=False, ask=False, why=said, episode=None)
    episode = before if before and before.model == watched.model else Episode(watched.at, watched.model)
    reason = " and ".join(
        word for word, there in (("inputs drift", drifts), ("answers decay", watched.decayed)) if there
    )
    if policy.on_drift == "alarm":
        return Reaction(
            Verdict.DRIFT, alarm=True, ask=False, why=f"{reason}: an alarm alone, by contract", episode=episode
        )
    if episode.asked:
        return Reaction(Verdict.DRIFT, alarm=True, ask=False, why=f"{reason}: training is asked for", episode=episode)
    if not watched.labelled_rows:
        why = f"{reason}: no labelled row has come since {episode.begun:%Y-%m-%d %H:%M} UTC to learn from"
        return Reaction(Verdict.NO_LABELS, alarm=True, ask=False, why=why, episode=episode)
    if watched.held:
        return Reaction(Verdict.DRIFT, alarm=True, ask=False, why=f"{reason}: {watched.held}", episode=episode)
    asked = replace(episode, asked=True)
    return Reaction(Verdict.DRIFT, alarm=True, ask=True, why=f"{reason}: asks for training", episode=asked)
