"""What is known of predictions as a page: one HTML file without scripts, like the one about the model."""

from collections.abc import Iterator

from lakeloop.evaluation.report.markup import Child, Element, element
from lakeloop.evaluation.report.page import standing_alone
from lakeloop.evaluation.report.tables import table
from lakeloop.monitoring.state import Judged, WatchState
from lakeloop.monitoring.window import Finding, Measure, Verdict

LOOKS = {Verdict.OK: "good", Verdict.DRIFT: "bad"}


def render(dataset: str, said: str, state: WatchState, *, alarm: bool) -> str:
    """`said` is the sentence of this look."""
    return standing_alone(f"{dataset}: predictions", _sections(dataset, said, state, alarm=alarm))


def _sections(dataset: str, said: str, state: WatchState, *, alarm: bool) -> Iterator[Element]:
    last = state.windows[-1].window.verdict if state.windows else Verdict.FEW_ROWS
    look = "bad" if alarm else LOOKS.get(last, "wait")
    yield element("div", element("p", said), class_=f"verdict {look}")
    yield element("h1", dataset)
    counted = f"predictions of {state.model} up to {state.until:%Y-%m-%d %H:%M} UTC"
    yield element("p", counted, class_="made")
    if state.windows:
        yield element("h2", "Features of the last window")
        note = "Of each measure its limit: what chance reaches, or what the contract cares for, whichever is larger."
        yield element("p", note, class_="note")
        heads = ["feature", "PSI", "KS", "new values", "missing", "missing before"]
        yield table(heads, [("", _feature(finding)) for finding in state.windows[-1].window.findings])
        yield element("h2", "Windows")
        yield table(["until", "predictions", "verdict"], [("", _window(judged)) for judged in reversed(state.windows)])
    if state.quality:
        yield element("h2", "Live quality")
        yield element("p", state.quality.why)


def _feature(finding: Finding) -> list[Child]:
    measures = [_measure(measure) for measure in (finding.psi, finding.ks, finding.new)]
    return [finding.name, *measures, f"{finding.missing:.1%}", f"{finding.missing_before:.1%}"]


def _measure(measure: Measure | None) -> Element:
    if measure is None:
        return element("small", "")
    limit = element("small", f"limit {measure.limit:.2f}")
    return element("span", f"{measure.value:.2f}", limit, class_="less" if measure.beyond > 1 else None)


def _window(judged: Judged) -> list[Child]:
    return [f"{judged.ended:%Y-%m-%d %H:%M} UTC", f"{judged.window.rows:,}", str(judged.window.verdict)]
