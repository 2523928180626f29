"""A contract while it is made."""

from dataclasses import dataclass, field

from lakeloop.compiler.judge import judge
from lakeloop.contract import DatasetContract
from lakeloop.errors import UnreadableObjectError
from lakeloop.inference.guess import Ask, Guess
from lakeloop.inference.labels import Label
from lakeloop.inference.sample import Sample
from lakeloop.inference.text import Section, file_section, written

MOST_ASKS = 5
NAMED = "it was named"
"""Why a key or label is one that a person named."""
NEW_ROWS = 100
"""What a contract that says nothing waits for before it trains, `retrain.min_new_rows`."""


@dataclass
class Draft:
    """What is known of it so far."""

    name: str
    sample: Sample
    guesses: list[Guess]
    label: Label | None = None
    key: tuple[str, ...] = ()
    key_reason: str = ""
    by: tuple[str, ...] | str = ()
    by_reason: str = ""
    seed: int = 0
    seed_reason: str = ""
    delivery: str = ""
    delivery_reason: str = ""
    rows: int = 0
    asks: list[Ask] = field(default_factory=list)
    head: str = ""
    short: str = ""
    """Which class has too few rows in a split under every seed."""
    few_groups: str = ""
    """The column of groups of which a split has fewer than 3, CONTRACT.md 2.13."""

    @property
    def worst_asks(self) -> list[Ask]:
        """The worst, each once."""
        found = [*self.asks, *(ask for guess in self.guesses for ask in guess.asks)]
        return sorted(dict.fromkeys(found), key=lambda ask: ask.rank)[:MOST_ASKS]

    def text(self) -> str:
        asks = [f"ask: {ask.text}" for ask in self.worst_asks]
        return written([self.head, *asks], self.sections(), self.guesses, headers=self.sample.file.header)

    def contract(self) -> DatasetContract:
        verdict = judge(f"{self.name}.yaml", self.text().encode())
        if verdict.contract is None:
            raise UnreadableObjectError(f"no contract can be written: {'; '.join(map(str, verdict.problems))}")
        return verdict.contract

    def sections(self) -> list[Section]:
        """All but the columns, the name first."""
        sections = [Section("name", self.name)]
        if self.label:
            sections += [Section("problem", self.label.problem), Section("label", self.label.name)]
            if self.label.positive is not None:
                sections.append(Section("positive_class", self.label.positive))
        sections += file_section(self.sample.file)
        if self.key:
            key = self.key[0] if len(self.key) == 1 else self.key
            sections.append(Section("row_key", key, self.key_reason))
        if self.delivery:
            sections.append(Section("delivery", self.delivery, self.delivery_reason))
        splits = {**({"by": self.by} if self.by else {}), **({"seed": self.seed} if self.seed else {})}
        if splits:
            sections.append(Section("splits", splits, "; ".join(filter(None, (self.by_reason, self.seed_reason)))))
        if self.label and self.rows < NEW_ROWS:
            sections.append(Section("retrain", {"min_new_rows": max(1, self.rows)}, "as few rows as the table has"))
        return sections
