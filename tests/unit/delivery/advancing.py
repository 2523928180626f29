"""Rows by day, and the function that moves them as borders move on."""

from datetime import date, timedelta
from typing import Any

from lakeloop.ingest.advance import AdvanceService
from lakeloop.ingest.placing import split_names
from lakeloop.lake.borders import behind
from lakeloop.lake.index import Index
from lakeloop.messages import AdvanceSplits
from tests.data import tiny
from tests.fakes import MemoryContracts, MemoryPublisher, message
from tests.lake_content import assert_whole, rows_on_main
from tests.world import World

DAY = date(2024, 1, 1)
COLUMNS = [
    {"name": "id", "type": "string"},
    {"name": "y", "type": "category", "allowed": ["yes", "no"]},
    {"name": "f", "type": "float"},
    {"name": "at", "type": "date"},
]


def contract(train: str = "2024-01-11", validation: str = "2024-01-16", **changes: Any) -> Any:  # noqa: ANN401
    by = {"column": "at", "until": {"train": train, "validation": validation}, "gap": changes.pop("gap", None)}
    return tiny(**{"columns": COLUMNS, "splits": {"by": by}, **changes})


def days(*numbers: int) -> bytes:
    """A file with one row of each of these days of the year."""
    rows = [f"k{n},{'yes' if n % 2 else 'no'},{n},{DAY + timedelta(days=n - 1)}" for n in numbers]
    return "\n".join(["id,y,f,at", *rows, ""]).encode()


LATER = contract("2024-01-21", "2024-01-26")


class Advancing(World):
    """A world with ten days of rows in each file on main."""

    def __init__(self, given: Any = None, files: int = 3) -> None:  # noqa: ANN401
        super().__init__(given or contract())
        self.asked: MemoryPublisher[AdvanceSplits] = MemoryPublisher(self.crash)
        for n in range(files):
            self.take(f"{n}.csv", *range(10 * n + 1, 10 * n + 11))

    def take(self, name: str, *numbers: int) -> None:
        self.landing.landed[f"incoming/tiny/{name}"] = float(numbers[-1])
        assert self.service.handle([self.drop(name, days(*numbers))]) == {}

    def changed(self, given: Any) -> None:  # noqa: ANN401
        """Another contract is deployed."""
        self.contract = given
        self.service = type(self.service)(self.made())

    def advance(self, seconds_left: float = 900, dataset: str = "tiny", attempts: int = 1) -> str:
        service = AdvanceService(
            contracts=MemoryContracts(self.contract),
            lake=self.lake,
            publisher=self.asked,
            reader=self.publisher,
            reports=self.reports,
            name_prefix="lakeloop-test",
            git_sha="abc",
        )
        body = AdvanceSplits(dataset=dataset).model_dump_json()
        told = message(body)
        service.handle(type(told)(**{**told.__dict__, "attempts": attempts}), lambda: seconds_left)
        report = self.reports.get("tiny", "advance_splits")
        return report.why if report else ""

    def days_in(self, split: str) -> list[int]:
        rows = rows_on_main(self.lake, split)
        return sorted((at - DAY).days + 1 for at in rows["at"]) if rows.height else []

    def assert_by(self, given: Any) -> None:  # noqa: ANN401
        """All rows lie where a contract with these borders puts them, and main says so."""
        assert_whole(self.lake, self.contract)
        for split in ("train", "validation", "test", "gap"):
            rows = rows_on_main(self.lake, split)
            assert not rows.height or set(split_names(given, rows)) == {split}
        assert not behind(self.contract, Index(self.lake, "", "main"))
