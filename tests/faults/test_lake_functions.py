"""Crashes around every call of the functions that work on the lake: whoever goes on ends where nobody was killed.

What happens after a call and before the next is the same to the outside, so each call is crashed before, and the last
one after, too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from lakeloop.contract.ports import Contracts
from lakeloop.ingest import ports as ingest_ports
from lakeloop.ingest.advance import AdvanceService
from lakeloop.ingest.announcement import announcement
from lakeloop.ingest.compact import CompactService
from lakeloop.ingest.mend_keys import mend_key
from lakeloop.ingest.mending import Mend, MendedRecord
from lakeloop.ingest.notification import LandedObject
from lakeloop.ingest.reconcile import Findings, ReconcileService
from lakeloop.ingest.remake import RemakeService
from lakeloop.lake.ports import Lake
from lakeloop.messages import AdvanceSplits, Compact, Message, ReconcileLanding
from lakeloop.reports import StepReports
from tests.data import tiny, tiny_csv
from tests.fakes import (
    CrashError,
    MemoryAnnouncer,
    MemoryContracts,
    MemoryListing,
    MemoryOutcomes,
    MemoryPublisher,
    message,
    notification,
    turns,
)
from tests.faults.crashes import Proxy, Recorder
from tests.faults.recorded import POINTS
from tests.lake_content import Content, assert_whole, content
from tests.unit.delivery.advancing import LATER, Advancing
from tests.unit.delivery.remaking import asked, loaded
from tests.world import ROWS, World

LIMITS = {"quality": {"max_rejected_fraction": 0.5}}


@dataclass
class Run:
    """A function at work in a world, with a recorder around all that it calls."""

    world: World
    recorder: Recorder

    def around(self, name: str, port: object) -> Any:  # noqa: ANN401 stands for any port
        return Proxy(self.recorder, name, port)

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "contracts": self.around("contracts", MemoryContracts(self.world.contract)),
            "lake": self.around("lake", self.world.lake),
            "name_prefix": "lakeloop-test",
            "git_sha": "abc",
        }

    @property
    def reports(self) -> Any:  # noqa: ANN401
        return self.around("reports", self.world.reports)

    def ingest(self, messages: Sequence[Message]) -> None:
        service = self.world.made(
            landing=self.around("landing", self.world.landing),
            listing=self.around("listing", MemoryListing(self.world.landing)),
            artifacts=self.around("artifacts", self.world.artifacts),
            publisher=self.around("publisher", self.world.publisher),
            contracts=self.settings["contracts"],
            lake=self.settings["lake"],
        )
        assert service.handle(messages, turns()) == {}


def dropped(contract: Any, **files: Sequence[str]) -> World:  # noqa: ANN401
    world = World(contract)
    for at, (name, rows) in enumerate(files.items()):
        world.landing.landed[f"incoming/tiny/{name}.csv"] = at + 1
        world.service.handle([world.drop(f"{name}.csv", tiny_csv(*rows))])
    return world


def mend(run: Run) -> None:
    file = LandedObject("landing", "incoming/tiny/a.csv", "v1", "tiny")
    body = Mend(records=(MendedRecord(line=4, lines=1, text="bad,yes,1,,,"),)).model_dump_json().encode()
    key = mend_key(file)
    version = "v1" if run.world.landing.current(key) else run.world.landing.drop(key, body)
    run.ingest([message(notification(key, version), "mend")])


def remove(run: Run) -> None:
    run.world.landing.delete("incoming/tiny/a.csv")
    gone = LandedObject("landing", "incoming/tiny/a.csv", "", "tiny", removed=True)
    run.ingest([message(announcement(gone), "removed")])


def take_folder(run: Run) -> None:
    landing = run.world.landing
    for name in ("day/a.csv", "day/b.csv", "day/_SUCCESS"):
        if not landing.current(f"incoming/tiny/{name}"):
            run.world.drop(name, tiny_csv(*ROWS[:3]) if name.endswith("a.csv") else tiny_csv(*ROWS[3:6]))
    run.ingest([message(notification("incoming/tiny/day/_SUCCESS", "v1"), "success")])


def compact(run: Run) -> None:
    publisher = run.around("publisher", MemoryPublisher[Compact]())
    service = CompactService(publisher=publisher, reports=run.reports, **run.settings)
    service.handle(message(Compact(dataset="tiny", fewest=2).model_dump_json()), lambda: 900)


def advance(run: Run) -> None:
    service = AdvanceService(
        publisher=run.around("publisher", MemoryPublisher[AdvanceSplits]()),
        reader=run.around("publisher", run.world.publisher),
        reports=run.reports,
        **run.settings,
    )
    service.handle(message(AdvanceSplits(dataset="tiny").model_dump_json()), lambda: 900)


def reconcile(run: Run) -> None:
    outcomes = run.around("outcomes", run.world.outcomes)  # type: ignore[attr-defined]
    settings = run.settings
    service = ReconcileService(
        contracts=settings["contracts"],
        findings=Findings(
            listing=run.around("listing", MemoryListing(run.world.landing)),
            lake=settings["lake"],
            outcomes=outcomes,
            name_prefix="lakeloop-test",
        ),
        outcomes=outcomes,
        announcer=run.around("announcer", run.world.announcer),  # type: ignore[attr-defined]
        publisher=run.around("publisher", MemoryPublisher[ReconcileLanding]()),
        reports=run.reports,
    )
    service.handle(message(ReconcileLanding(dataset="tiny").model_dump_json()), lambda: 900)
    # Each is sent before it is answered, so what was sent by who was killed is ingested as well.
    told = run.world.announcer.told  # type: ignore[attr-defined]
    run.world.service.handle([message(text, f"told-{n}") for n, text in enumerate(told)])


def remake(run: Run) -> None:
    settings = run.settings
    service = RemakeService(publisher=run.around("publisher", run.world.publisher), **settings)
    service.handle(message(asked(run.world).model_dump_json()), lambda: 900)


def lost() -> World:
    world = World(tiny(**LIMITS))
    world.outcomes = MemoryOutcomes(world.artifacts)  # type: ignore[attr-defined]
    world.announcer = MemoryAnnouncer()  # type: ignore[attr-defined]
    world.drop("lost.csv", tiny_csv(*ROWS[:5]))
    return world


def later() -> World:
    world = Advancing(files=2)
    world.changed(LATER)
    return world


SCENARIOS: dict[str, tuple[Callable[[], World], Callable[[Run], None]]] = {
    "mend": (lambda: dropped(tiny(**LIMITS), a=[*ROWS[:2], "bad,maybe,1,,,"], b=ROWS[3:6]), mend),
    "remove": (lambda: dropped(tiny(**LIMITS, on_delete="remove"), a=ROWS[:3], b=ROWS[3:6]), remove),
    "take_folder": (lambda: World(tiny(**LIMITS, delivery_unit="folder")), take_folder),
    "compact": (lambda: dropped(tiny(**LIMITS), a=ROWS[:3], b=ROWS[3:6]), compact),
    "advance": (later, advance),
    "reconcile": (lost, reconcile),
}


def unharmed(name: str) -> tuple[Recorder, Content]:
    made, work = SCENARIOS[name]
    run = Run(made(), Recorder())
    work(run)
    assert_whole(run.world.lake, run.world.contract)
    return run.recorder, content(run.world.lake)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_crash_at_any_call_and_another_try_end_as_without_the_crash(name: str) -> None:
    made, work = SCENARIOS[name]
    recorder, expected = unharmed(name)
    calls = len(recorder.calls)
    for number, when in [*((n, "before") for n in range(1, calls + 1)), (calls, "after")]:
        world = made()
        with pytest.raises(CrashError):
            work(Run(world, Recorder(number, when)))
        assert_whole(world.lake, world.contract)

        work(Run(world, Recorder()))

        assert content(world.lake) == expected, f"{when} call {number}, {recorder.calls[number - 1]}"
        assert_whole(world.lake, world.contract)


PORTS = {
    "announcer": ingest_ports.Announcer,
    "contracts": Contracts,
    "lake": Lake,
    "landing": ingest_ports.Landing,
    "listing": ingest_ports.Listing,
    "outcomes": ingest_ports.Outcomes,
    "publisher": ingest_ports.Publisher,
    "reports": StepReports,
}


def test_every_call_of_a_port_is_a_point_to_crash_at() -> None:
    """A call that is new to a port belongs into a scenario, here or in the tests of the function that makes it."""
    run = Run(loaded(), Recorder())
    # tests/unit/delivery/test_remake.py crashes around these.
    remake(run)
    points = {*POINTS, *run.recorder.calls, *(call for name in SCENARIOS for call in unharmed(name)[0].calls)}

    calls = {
        f"{name}.{method}"
        for name, port in PORTS.items()
        for method, call in vars(port).items()
        if callable(call) and not method.startswith("_")
    }
    # A person takes data back, and asks again where the command was ended.
    assert calls - points == {"lake.revert"}
