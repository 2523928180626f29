"""transform_data around ports that count their calls, so that something can happen before and after each of them."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from lakeloop.consumer import Consumer
from lakeloop.messages import Message
from lakeloop.observability import metrics
from tests.fakes import MemoryContracts, MemoryFailureLog, MemoryMarks, MemoryQueue
from tests.lake_content import Content, assert_whole, content
from tests.world import World

LAST_DELIVERY = 30
MAX_OBJECT_BYTES = 100_000_000

# Every call that transform_data makes of the outside world. A new one belongs here: then it is crashed around, too.
POINTS = frozenset(
    {
        "artifacts.upload",
        "contracts.get",
        "failure_log.put",
        "lake.branches",
        "lake.commit",
        "lake.delete",
        "lake.delete_branch",
        "lake.download",
        "lake.ensure_branch",
        "lake.folders",
        "lake.head",
        "lake.log",
        "lake.merge",
        "lake.objects",
        "lake.read",
        "lake.upload",
        "landing.current",
        "landing.open",
        "landing.opened",
        "marks.finish",
        "marks.start",
        "publisher.publish",
        "queue.bury",
        "queue.wait",
    }
)


class Recorder:
    """Counts calls from 1; what is given for a call runs `before` or `after` it."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.before: dict[int, Callable[[], None]] = {}
        self.after: dict[int, Callable[[], None]] = {}

    def around(self, port: str, real: object) -> Any:  # noqa: ANN401 stands for any port
        recorder = self

        class Port:
            def __getattr__(self, name: str) -> Any:  # noqa: ANN401 any method
                method = getattr(real, name)

                def called(*arguments: object, **options: object) -> object:
                    recorder.calls.append(f"{port}.{name}")
                    number = len(recorder.calls)
                    recorder.before.pop(number, lambda: None)()
                    answer = method(*arguments, **options)
                    recorder.after.pop(number, lambda: None)()
                    return answer

                return called

        return Port()


class Loop:
    """A queue of landing messages, and transform_data as one process after another works on it."""

    def __init__(self, world: World | None = None) -> None:
        self.world = world or World()
        self.queue = MemoryQueue()
        self.marks = MemoryMarks()
        self.failure_log = MemoryFailureLog()
        self.recorder = Recorder()
        self.waiting: dict[str, Message] = {}
        self.deliveries: Counter[str] = Counter()
        self.now = datetime(2026, 11, 26, tzinfo=UTC)

    def put(self, *messages: Message) -> None:
        self.waiting |= {message.id: message for message in messages}

    def deliver(self) -> None:
        """Deliver all that wait, once; what is not answered as failed is done."""
        # As in Lambda, where each invocation sends its own.
        metrics.clear_metrics()
        messages = list(self.waiting.values())
        self.deliveries.update(message.id for message in messages)
        around = self.recorder.around
        world = self.world
        service = world.made(
            landing=around("landing", world.landing),
            contracts=around("contracts", MemoryContracts(world.contract)),
            artifacts=around("artifacts", world.artifacts),
            lake=around("lake", world.lake),
            publisher=around("publisher", world.publisher),
            max_object_bytes=MAX_OBJECT_BYTES,
        )
        consumer = Consumer(
            function="transform_data",
            queue=around("queue", self.queue),
            marks=around("marks", self.marks),
            failure_log=around("failure_log", self.failure_log),
            foreseen=lambda _: None,
            last_delivery=LAST_DELIVERY,
            clock=lambda: self.now,
            mark_after_seconds=0,
        )
        event = {"Records": [self._record(message) for message in messages]}
        answer = consumer.consume(event, service.handle, lambda: 300_000)
        failed = {item["itemIdentifier"] for item in answer["batchItemFailures"]}
        self.waiting = {id_: message for id_, message in self.waiting.items() if id_ in failed}
        self.now += timedelta(seconds=max((self.queue.waits[id_] for id_ in self.waiting), default=0))

    def content(self) -> Content:
        """What is on main, which must be whole."""
        assert_whole(self.world.lake, self.world.contract)
        return content(self.world.lake)

    def deliver_all(self) -> None:
        while self.waiting:
            self.deliver()

    def _record(self, message: Message) -> Mapping[str, object]:
        return {
            "messageId": message.id,
            "body": message.body,
            "receiptHandle": message.receipt_handle,
            "attributes": {
                "ApproximateReceiveCount": str(self.deliveries[message.id]),
                "SentTimestamp": "1767225600000",
            },
        }
