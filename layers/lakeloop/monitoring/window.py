"""What a window says: of each variable how far it is from the reference, of all of them one verdict."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from lakeloop.contract import Monitor
from lakeloop.monitoring.bins import Counts
from lakeloop.monitoring.distances import distance, share, stability
from lakeloop.monitoring.limits import limits
from lakeloop.monitoring.profile import Profile, Tally, Variable


class Verdict(StrEnum):
    """What is known of a window, or of what is asked for because of it."""

    OK = "ok"
    DRIFT = "drift"
    FEW_ROWS = "insufficient data"
    FEW_REFERENCE = "insufficient reference"
    NO_LABELS = "drift without labels"


@dataclass(frozen=True)
class Measure:
    """A figure with the limit that it has passed or not."""

    value: float
    limit: float

    @property
    def beyond(self) -> float:
        """The figure in limits: above 1 it has passed its limit."""
        return self.value / self.limit if self.limit else float(self.value > 0)


@dataclass(frozen=True)
class Finding:
    """One variable in one window; `ks` is of a number, `new` of a category.

    `sufficient` is False where its reference has too few rows for a verdict.
    """

    name: str
    rows: int
    reference_rows: int
    psi: Measure
    ks: Measure | None
    new: Measure | None
    missing: float
    missing_before: float
    sufficient: bool

    @property
    def beyond(self) -> float:
        return max(measure.beyond for measure in (self.psi, self.ks, self.new) if measure)

    @property
    def drifted(self) -> bool:
        return self.sufficient and self.beyond > 1

    def __str__(self) -> str:
        parts = [f"PSI {self.psi.value:.2f} (limit {self.psi.limit:.2f})"]
        if self.ks:
            parts.append(f"KS {self.ks.value:.2f} (limit {self.ks.limit:.2f})")
        if self.new:
            parts.append(f"new values {100 * self.new.value:.1f} % (limit {100 * self.new.limit:.1f} %)")
        return f"{self.name}: {', '.join(parts)}"


@dataclass(frozen=True)
class Window:
    """One window judged; the findings begin with what is farthest beyond its limit."""

    verdict: Verdict
    rows: int
    why: str
    findings: tuple[Finding, ...] = ()

    @property
    def drifted(self) -> tuple[str, ...]:
        return tuple(finding.name for finding in self.findings if finding.drifted)


def judge(profile: Profile, tally: Tally, policy: Monitor) -> Window:
    """What the rows of a window say of drift, all variables together wrong in at most 1 % of undrifted windows.

    A limit is the larger of what chance reaches and of what the contract cares for.
    """
    if tally.rows < policy.min_rows:
        why = f"{tally.rows:,} predictions, {policy.min_rows:,} are needed"
        return Window(Verdict.FEW_ROWS, tally.rows, why)
    findings = tuple(sorted(_findings(profile, tally, policy), key=lambda finding: -finding.beyond))
    drifted = [finding for finding in findings if finding.drifted]
    if drifted:
        more = f" and {len(drifted) - 1} more" if len(drifted) > 1 else ""
        return Window(Verdict.DRIFT, tally.rows, f"{drifted[0]}{more}", findings)
    # What looks far is not said to be in order because other variables are.
    if not any(finding.sufficient for finding in findings) or findings[0].beyond > 1:
        return Window(Verdict.FEW_REFERENCE, tally.rows, _too_few(findings, policy), findings)
    nearest = findings[0]
    return Window(Verdict.OK, tally.rows, f"nearest its limit {nearest}", findings)


def _too_few(findings: tuple[Finding, ...], policy: Monitor) -> str:
    if not findings:
        return "no captured column is a feature of the model that serves"
    most = max(finding.reference_rows for finding in findings if not finding.sufficient)
    beyond = [finding.name for finding in findings if finding.beyond > 1]
    seen = f"; without a verdict, {', '.join(beyond[:3])} {'are' if len(beyond) > 1 else 'is'} apart" if beyond else ""
    return f"the model has learned from {most:,} rows, {policy.min_reference_rows:,} are needed{seen}"


def _findings(profile: Profile, tally: Tally, policy: Monitor) -> Iterator[Finding]:
    counts = tally.counts or {}
    there = [variable for variable in profile.variables if variable.name in counts]
    for variable in there:
        yield _finding(variable, counts[variable.name], policy, variables=len(there))


def _finding(variable: Variable, window: Counts, policy: Monitor, *, variables: int) -> Finding:
    bins, reference = variable.bins, variable.counts
    chance = limits(variable, window, variables=variables)
    apart = distance(bins, reference, window)
    category = bins.kind == "category"
    return Finding(
        name=variable.name,
        rows=window.rows,
        reference_rows=variable.rows,
        psi=Measure(stability(bins, reference, window), max(policy.psi, chance.psi)),
        ks=Measure(apart, max(policy.ks, chance.ks)) if apart is not None and chance.ks is not None else None,
        new=Measure(share(window.new, window), max(policy.new_values, chance.new)) if category else None,
        missing=share(window.missing, window),
        missing_before=share(reference.missing, reference),
        sufficient=variable.rows >= policy.min_reference_rows,
    )
