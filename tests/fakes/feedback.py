"""Labels in memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lakeloop.feedback.label import Label


@dataclass
class MemoryLabels:
    kept: dict[str, Label] = field(default_factory=dict)

    def keys(self, folder: str) -> Iterator[str]:
        yield from sorted(key for key in list(self.kept) if key.startswith(folder))

    def put(self, label: Label) -> None:
        self.kept[label.key] = label

    def read(self, key: str) -> Label | None:
        return self.kept.get(key)
