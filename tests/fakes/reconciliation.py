"""What reconcile did about its findings."""

from dataclasses import dataclass, field

from lakeloop.reconciliation.ports import Answer


@dataclass
class MemoryAnswers:
    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)

    def get(self, dataset: str, finding: str) -> Answer | None:
        return self.answers.get((dataset, finding))

    def put(self, dataset: str, finding: str, answer: Answer) -> None:
        self.answers[dataset, finding] = answer
