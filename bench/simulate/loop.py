"""The loop in one process: the product's own rules for drift, decay, training and promotion, a model by XGBoost."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import xgboost
from numpy.typing import NDArray

from bench.simulate.world import LABEL, Rows, World
from lakeloop.contract import Monitor, Promotion, Retrain
from lakeloop.evaluation.promotion import judge as promote
from lakeloop.evaluation.scored import FEEDBACK, KEY, NEW, Scored, Task
from lakeloop.lake.ports import ROWS_KEY, LakeCommit
from lakeloop.monitoring.episode import Episode, Watched, react
from lakeloop.monitoring.profile import Profile, Tally
from lakeloop.monitoring.quality import live_quality
from lakeloop.monitoring.window import Verdict, judge
from lakeloop.registry.ports import Approval
from lakeloop.training.decision import Situation, decide
from lakeloop.training.ports import TuningRun

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
TEST = 0.2
ROUNDS = 60
# Batches of labels that live quality is told from: those of a week, as each day brings labels of three.
LOOKED_BACK = 21
PARAMETERS = {"max_depth": 4, "eta": 0.2, "nthread": 1, "verbosity": 0}


@dataclass(frozen=True)
class Setting:
    """What a contract would say, and how much traffic there is; labels come for a share, after days."""

    history: int = 3000
    per_day: int = 500
    labelled: float = 0.6
    most_delay: int = 3
    retrain: Retrain = field(default_factory=lambda: Retrain(min_new_rows=3000, cool_down="1d"))
    promotion: Promotion = field(default_factory=lambda: Promotion(max_loss=0.02))
    monitor: Monitor = field(default_factory=Monitor)


@dataclass(frozen=True)
class Model:
    """A model with what it promised on its test rows, and what its inputs are compared with."""

    name: str
    commit: str
    booster: xgboost.Booster
    profile: Profile
    promised: pl.DataFrame


@dataclass
class Data:
    """What is on main: rows with the commit that brought them, and whether they are test rows or came back."""

    rows: Rows
    commit: NDArray[np.int64]
    test: NDArray[np.bool_]
    feedback: NDArray[np.bool_]


@dataclass(frozen=True)
class Day:
    """The share of right answers of a day, and what the loop did then."""

    day: int
    with_loop: float
    without: float
    verdict: str
    drifted: tuple[str, ...]
    events: tuple[str, ...]


class Loop:
    """One dataset from its first model on; `days` has what became of each day."""

    def __init__(self, world: World, setting: Setting, seed: int) -> None:
        self._world, self._setting = world, setting
        self._random = np.random.default_rng(10_000 + seed)
        classes = tuple(str(number) for number in range(world.classes))
        problem = "binary" if world.classes == 2 else "multiclass"
        self._task = Task(problem, classes, "logloss" if problem == "binary" else "mlogloss")  # type: ignore[arg-type]
        history = world.draw(setting.history)
        count = len(history.y)
        self._data = Data(history, np.zeros(count, np.int64), self._random.random(count) < TEST, np.zeros(count, bool))
        self._log = [LakeCommit("c0", {ROWS_KEY: str(count)})]
        self._runs = [TuningRun("job-0", "c0", "Completed", BEGIN, BEGIN, 1)]
        self._arriving: dict[int, list[tuple[Rows, str, pl.DataFrame]]] = {}
        self._live: list[pl.DataFrame] = []
        self._verdicts: list[Verdict] = []
        self._episode: Episode | None = None
        self._judged = 0
        self.first = self.serving = self._train("job-0", "c0")
        self.days: list[Day] = []
        self.asked = 0

    def live(self, day: int) -> None:
        """Predictions of a day, labels that come with it, a look at both, and what follows."""
        rows = self._world.draw(self._setting.per_day, day)
        answers = self._scored(self.serving, rows)
        self._send_labels(day, rows, answers)
        came = self._land(day)
        window = judge(self.serving.profile, self._tally(rows), self._setting.monitor)
        self._verdicts.append(window.verdict)
        live = pl.concat(self._live[-LOOKED_BACK:]) if self._live else self.serving.promised.clear()
        quality = live_quality(self._task, self.serving.promised, live, self._setting.monitor)
        at = BEGIN + timedelta(days=day + 1)
        watched = Watched(self.serving.name, at, self._verdicts, quality.decayed, came)
        reaction = react(self._setting.monitor, watched, self._episode)
        self._episode = reaction.episode
        self.asked += reaction.ask
        events = list(self._retrain(at, drift=reaction.ask))
        if reaction.ask:
            events.insert(0, reaction.why)
        right, alone = self._right(answers), self._right(self._scored(self.first, rows))
        self.days.append(Day(day, right, alone, str(reaction.verdict), window.drifted, tuple(events)))

    def _tally(self, rows: Rows) -> Tally:
        return self.serving.profile.count(pl.DataFrame(rows.x, schema=self._world.names))

    def _send_labels(self, day: int, rows: Rows, answers: pl.DataFrame) -> None:
        late = self._random.integers(1, self._setting.most_delay + 1, size=len(rows.y))
        late[self._random.random(len(rows.y)) >= self._setting.labelled] = 0
        for delay in range(1, self._setting.most_delay + 1):
            chosen = late == delay
            told = (rows.where(chosen), self.serving.name, answers.filter(pl.Series(chosen)))
            self._arriving.setdefault(day + delay, []).append(told)

    def _land(self, day: int) -> int:
        """Labelled predictions become rows on main; how many."""
        came = self._arriving.pop(day, [])
        if not came:
            return 0
        rows = came[0][0]
        for more, *_ in came[1:]:
            rows = rows + more
        # Late labels of answers that another model gave say nothing of this one.
        self._live += [answers for _, model, answers in came if model == self.serving.name]
        count, data = len(rows.y), self._data
        self._data = Data(
            data.rows + rows,
            np.concatenate([data.commit, np.full(count, len(self._log))]),
            np.concatenate([data.test, self._random.random(count) < TEST]),
            np.concatenate([data.feedback, np.ones(count, bool)]),
        )
        self._log.append(LakeCommit(f"c{len(self._log)}", {ROWS_KEY: str(count)}))
        return count

    def _retrain(self, at: datetime, *, drift: bool) -> list[str]:
        situation = Situation(
            head=self._log[-1].id,
            log=reversed(self._log),
            runs=reversed(self._runs),
            contract="",
            now=at,
            count=lambda _, told: told,
            failure=lambda _: "",
            reason="drift" if drift else "data",
        )
        decision = decide(self._setting.retrain, situation)
        if not decision.start:
            return []
        name = f"job-{len(self._runs)}"
        self._runs.append(TuningRun(name, decision.commit, "Completed", at, at, 1))
        challenger = self._train(name, decision.commit)
        self._judged += 1
        since = int(self.serving.commit[1:])
        mine, other = (self._on_test(model, since) for model in (challenger, self.serving))
        verdict = promote(self._task, mine, other, self._setting.promotion, judged=self._judged)
        said = f"{name} ({decision.why}): {verdict.reasons[0]}"
        if verdict.approval is Approval.APPROVED:
            self.serving, self._judged = challenger, 0
            self._verdicts, self._live, self._episode = [], [], None
            return [f"promoted {said}"]
        return [f"kept the champion, {said}"]

    def _train(self, name: str, commit: str) -> Model:
        data = self._data
        learned = data.rows.where(~data.test)
        objective = {"objective": "binary:logistic"}
        if self._world.classes > 2:
            objective = {"objective": "multi:softprob", "num_class": str(self._world.classes)}
        matrix = xgboost.DMatrix(learned.x, label=learned.y)
        booster = xgboost.train({**PARAMETERS, **objective}, matrix, ROUNDS)
        profile = Profile.of(commit, "", learned.frame(self._world.names).drop(LABEL))
        model = Model(name, commit, booster, profile, pl.DataFrame())
        return Model(name, commit, booster, profile, self._scored(model, data.rows.where(data.test)))

    def _scored(self, model: Model, rows: Rows) -> pl.DataFrame:
        answers = model.booster.predict(xgboost.DMatrix(rows.x)).astype(np.float64).reshape(len(rows.y), -1)
        scores = dict(zip(self._task.scores, answers.T, strict=True))
        return pl.DataFrame({"label": rows.y.astype(np.float64), **scores})

    def _on_test(self, model: Model, since: int) -> Scored:
        data = self._data
        rows = self._scored(model, data.rows.where(data.test)).with_columns(
            pl.Series(NEW, data.commit[data.test] > since), pl.Series(FEEDBACK, data.feedback[data.test])
        )
        return Scored(model.name, rows.with_row_index(KEY))

    def _right(self, answers: pl.DataFrame) -> float:
        scores = answers.select(self._task.scores).to_numpy()
        said = (scores[:, 0] > 0.5).astype(float) if scores.shape[1] == 1 else scores.argmax(axis=1).astype(float)
        return float((said == answers["label"].to_numpy()).mean())
