"""The whole of an evaluation as one document: what the report shows, and other programs may read."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

from lakeloop.evaluation.curves import Behaviour, behaviour
from lakeloop.evaluation.scored import Scored, Task
from lakeloop.evaluation.verdict import Verdict

FORMAT = 1


@dataclass(frozen=True)
class Trial:
    """A training job of the tuning job; `value` is None where it ended without one."""

    name: str
    status: str
    value: float | None
    parameters: Mapping[str, str]


@dataclass(frozen=True)
class About:
    """What is known of a model beside its answers.

    `made` is when its training began. `objective` is what tuning was after on the validation split, and
    `greater_is_better` of it. `importance` are the features' shares of what the trees gain, 1 together; `lineage` has
    the keys of `registry.lineage`, and is shown in its order.
    """

    dataset: str
    made: datetime
    objective: str = ""
    greater_is_better: bool = True
    trials: tuple[Trial, ...] = ()
    importance: Mapping[str, float] = field(default_factory=dict)
    lineage: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Evaluation:
    """A verdict with what it was made of; `champion` is None where there was none to compare with."""

    task: Task
    about: About
    verdict: Verdict
    challenger: Behaviour
    champion: Behaviour | None
    format: int = FORMAT

    @classmethod
    def of(
        cls, task: Task, about: About, verdict: Verdict, challenger: Scored, champion: Scored | None
    ) -> "Evaluation":
        beside = behaviour(task, champion) if champion and len(champion.rows) else None
        return cls(task, about, verdict, behaviour(task, challenger), beside)

    def to_json(self) -> str:
        """Without NaN, which JSON has no word for."""
        return json.dumps(asdict(self), default=datetime.isoformat, allow_nan=False, sort_keys=True)
