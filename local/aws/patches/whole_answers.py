"""An answer's head leaves together with the first of its body.

hypercorn sends the head by itself, which HTTP allows. While both cores are busy, Terraform's provider closes the
connection on such a head about once in 5,000 requests, before the body is there, and asks again. What it asked for was
done by then, so that the second try of a create is told "already exists".
"""

from collections.abc import Awaitable, Callable
from typing import Any

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

SEND = PrivateName("hypercorn.protocol.h11", "H11Protocol._send_h11_event", ("self", "event"))
HEAD = PrivateName("h11", "Response")
DATA = PrivateName("hypercorn.events", "RawData", ("data", "address"))
TOUCHES = (SEND, HEAD, DATA)
HELD = "lakeloop_held_head"


def apply(settings: Settings) -> None:
    SEND.wrap(joined)


def joined(original: Callable[[Any, Any], Awaitable[None]]) -> Callable[[Any, Any], Awaitable[None]]:
    """Of an answer's events the head is kept with its connection until the next one is sent; something always is."""

    async def send(self: Any, event: Any) -> None:  # noqa: ANN401 - hypercorn's and h11's
        if isinstance(event, HEAD.get()):
            setattr(self, HELD, self.connection.send(event))
            return
        head = self.__dict__.pop(HELD, b"")
        if not head:
            await original(self, event)
            return
        await self.send(DATA.get()(data=head + (self.connection.send(event) or b"")))

    return send
