"""The page of one evaluation, from top to bottom."""

from collections.abc import Iterable, Iterator

from lakeloop.evaluation import baseline
from lakeloop.evaluation.curves import Behaviour
from lakeloop.evaluation.document import Evaluation
from lakeloop.evaluation.report import plots, tables
from lakeloop.evaluation.report.gains import intervals
from lakeloop.evaluation.report.markup import Child, Element, document, element
from lakeloop.evaluation.report.style import STYLE
from lakeloop.evaluation.report.trials import coordinates
from lakeloop.evaluation.verdict import Comparison, Verdict
from lakeloop.registry.lineage import TRAINING_JOB
from lakeloop.registry.ports import Approval

LOOKS = {Approval.APPROVED: "good", Approval.REJECTED: "bad", Approval.PENDING: "wait"}
WORDS = {Approval.APPROVED: "Approved", Approval.REJECTED: "Rejected", Approval.PENDING: "Waits for a person"}
MOST_CLASSES = 20
MOST_FEATURES = 20


def render(evaluation: Evaluation) -> str:
    """The whole page."""
    name = f"{evaluation.about.dataset}: {evaluation.verdict.challenger}"
    return standing_alone(name, _sections(evaluation))


def standing_alone(title: str, sections: Iterable[Element]) -> str:
    """HTML that asks nobody for anything: no script, no address."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        # Browsers ask for an icon otherwise.
        element("link", rel="icon", href="data:,"),
        element("title", title),
        element("style", STYLE),
    )
    main = element("main", list(sections))
    return document(element("html", head, element("body", main), lang="en"))


def _sections(evaluation: Evaluation) -> Iterator[Element]:
    verdict, about = evaluation.verdict, evaluation.about
    yield _verdict(verdict)
    yield element("h1", about.dataset)
    judged = f"challenger {verdict.judged} of {verdict.champion}" if verdict.champion else "the first model"
    yield element("p", f"{verdict.challenger}, {judged}, trained {about.made:%Y-%m-%d %H:%M} UTC", class_="made")
    yield _key(verdict)
    yield from _metrics(verdict)
    yield from _behaviour(evaluation)
    yield from _trials(evaluation)
    yield from _importance(evaluation)
    yield from _lineage(evaluation)


def _verdict(verdict: Verdict) -> Element:
    first, *others = verdict.reasons
    said = element("p", element("b", f"{WORDS[verdict.approval]}:"), first)
    more = element("ul", [element("li", reason) for reason in others]) if others else None
    return element("div", said, more, class_=f"verdict {LOOKS[verdict.approval]}")


def _key(verdict: Verdict) -> Element:
    mine = element("span", element("i", class_="a"), f"this model, {verdict.challenger}")
    other = element("span", element("i", class_="b"), f"the champion, {verdict.champion}") if verdict.champion else None
    return element("div", mine, other, class_="key")


def _metrics(verdict: Verdict) -> Iterator[Element]:
    yield element("h2", "Better or not")
    if verdict.comparisons:
        note = "A gain lies right of the line, whichever way the metric goes. Bars are the intervals that decide; "
        note += "a red mark is the most that may be lost."
        drawn = intervals(f"gains of {verdict.metric}", _once(verdict.comparisons))
        yield element("p", note, class_="note")
        yield _figure(f"Gain of {verdict.metric}", drawn, "", wide=True)
    champion = f"champion, {verdict.champion}" if verdict.champion else baseline.NAME
    yield tables.metrics(verdict, champion)
    note = "Small numbers are 95 % intervals from a thousand resamples of the test rows, which both models share."
    yield element("p", note, class_="note")


def _once(comparisons: tuple[Comparison, ...]) -> list[Comparison]:
    """Rows that are asked for a gain and for a loss, on one line."""
    found: dict[str, Comparison] = {}
    for comparison in comparisons:
        found.setdefault(comparison.part, comparison)
    return list(found.values())


def _behaviour(evaluation: Evaluation) -> Iterator[Element]:
    drawn = list(_numbers(evaluation) if evaluation.task.problem == "regression" else _classes(evaluation))
    if drawn:
        yield element("h2", "How it answers")
        yield element("div", drawn, class_="plots")
    if evaluation.challenger.by_class:
        yield element("h2", "By class")
        yield tables.classes(evaluation.challenger, evaluation.champion)


def _classes(evaluation: Evaluation) -> Iterator[Element]:
    models, names = _models(evaluation), evaluation.task.classes
    mine = evaluation.challenger
    if mine.roc:
        lines = {side: model.roc for side, model in models.items()}
        drawn = plots.curves("ROC curve", "false alarms", f"{names[1]} found", lines, diagonal=True)
        yield _figure("ROC curve", drawn, "The nearer to the top left corner, the better.")
        lines = {side: model.precision_recall for side, model in models.items()}
        drawn = plots.curves("precision by recall", f"{names[1]} found (recall)", "of what is found, right", lines)
        yield _figure("Precision and recall", drawn, "The nearer to the top right corner, the better.")
    if mine.calibration:
        bins = {side: model.calibration for side, model in models.items()}
        drawn = plots.calibration("calibration", "answered probability", "share that was so", bins, plots.UNIT)
        yield _figure("Calibration", drawn, "On the dotted line, a probability is what it says.")
    if mine.spread:
        drawn = plots.spread("scores by class", names, mine.spread)
        yield _figure("Scores by class", drawn, "The less both overlap, the better they are told apart.")
    if mine.confusion and len(names) <= MOST_CLASSES:
        drawn = plots.matrix("confusion", names, mine.confusion)
        yield _figure("Confusion", drawn, "A row for each class; off the diagonal, rows taken for another one.")


def _numbers(evaluation: Evaluation) -> Iterator[Element]:
    models = _models(evaluation)
    if not evaluation.challenger.dots:
        return
    points = {side: model.dots for side, model in models.items()}
    drawn = plots.dots("predicted and true numbers", "true", "predicted", points)
    yield _figure("Predicted and true", drawn, "On the dotted line, a prediction is right.")
    drawn = plots.errors("residuals", "predicted minus true", models)
    yield _figure("Residuals", drawn, "The narrower about 0, the better.")
    bins = {side: model.calibration for side, model in models.items()}
    values = [value for side in bins.values() for found in side for value in found[:2]]
    drawn = plots.calibration("calibration", "predicted", "true, on average", bins, (min(values), max(values)))
    yield _figure("Calibration", drawn, "A dot is a tenth of the rows; on the dotted line they are right on average.")


def _models(evaluation: Evaluation) -> dict[str, Behaviour]:
    champion = {"b": evaluation.champion} if evaluation.champion else {}
    return {**champion, "a": evaluation.challenger}


def _trials(evaluation: Evaluation) -> Iterator[Element]:
    about, best = evaluation.about, evaluation.about.lineage.get(TRAINING_JOB, "")
    known = [trial for trial in about.trials if trial.value is not None]
    if not known:
        return
    yield element("h2", "Trials")
    failed = len(about.trials) - len(known)
    said = f"{len(known)} trials gave a model{f', {failed} gave none' if failed else ''}. "
    yield element("p", f"{said}Each is a line through its hyperparameters to {about.objective}.", class_="note")
    if len(known) > 1:
        drawn = coordinates("trials", about.objective, known, best, greater=about.greater_is_better)
        yield _figure("Hyperparameters", drawn, "Blue is the model of this page.", wide=True)
    yield tables.trials(about, best)


def _importance(evaluation: Evaluation) -> Iterator[Element]:
    ordered = sorted(evaluation.about.importance.items(), key=lambda found: -found[1])
    if not ordered:
        return
    shown = dict(ordered[:MOST_FEATURES])
    yield element("h2", "What it looks at")
    more = f" {len(ordered) - len(shown)} more are not shown." if len(ordered) > len(shown) else ""
    caption = f"Shares of what all splits of the trees gain, by feature.{more}"
    yield _figure("Features", plots.bars("importance of features", shown), caption, wide=True)


def _lineage(evaluation: Evaluation) -> Iterator[Element]:
    yield element("h2", "Where it comes from")
    known = {name.replace("_", " "): value for name, value in evaluation.about.lineage.items() if value}
    pairs = [(element("dt", name), element("dd", value)) for name, value in known.items()]
    yield element("dl", [part for pair in pairs for part in pair])


def _figure(title: str, drawn: Child, caption: str, *, wide: bool = False) -> Element:
    told = element("figcaption", caption) if caption else None
    return element("figure", element("h3", title), drawn, told, class_="wide" if wide else None)
