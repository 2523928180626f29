"""`python -m lakeloop.local.lakefs --port P --state-dir D`: serve until SIGTERM, on 127.0.0.1 only.

Objects go to the S3 that boto3 finds in the environment (AWS_ENDPOINT_URL, credentials, region).
"""

from __future__ import annotations

import argparse
import logging
import signal
import socket
import sys
from pathlib import Path

import uvicorn

from lakeloop.local.lakefs import app
from lakeloop.local.lakefs.connections import TrackedProtocol
from lakeloop.local.lakefs.lake import Lake
from lakeloop.local.lakefs.store import Store
from lakeloop.local.supervisor.child import die_with_parent

_LOG = logging.getLogger("lakefs")
# Clients pool connections and do not retry a POST that meets a closed one, so idle ones stay open.
_KEEP_ALIVE_SECONDS = 300
_SHUTDOWN_SECONDS = 2


def main() -> None:
    arguments = _parse_arguments()
    die_with_parent()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for noisy in ("botocore", "boto3", "urllib3", "s3transfer"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # Uvicorn stops gracefully, then raises the signal again: let that be a clean exit.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    lake = Lake.open(Store(arguments.state_dir / "lakefs.sqlite3"))
    listener = socket.create_server(("127.0.0.1", arguments.port))
    # Inherited by connections. Without it each answer waits 40 ms: head and body are two writes, and the client's
    # kernel delays the acknowledgement between them. (asyncio sets it itself only on sockets that say they are TCP.)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(
        app.build(lake),
        http=TrackedProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    _LOG.info("listening on http://127.0.0.1:%d", listener.getsockname()[1])
    uvicorn.Server(config).run(sockets=[listener])


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="lakeloop.local.lakefs", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1, 0 for a free one")
    parser.add_argument("--state-dir", type=Path, required=True, help="folder that keeps the state")
    return parser.parse_args()


if __name__ == "__main__":
    main()
