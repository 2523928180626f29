"""`python -m lakeloop.local.aws --port PORT --state-dir DIR`, with an interpreter that has ministack."""

import argparse
import os
import socket
import sys
from pathlib import Path

from lakeloop.local.aws.launcher import run
from lakeloop.local.aws.settings import Settings
from lakeloop.local.supervisor.child import die_with_parent


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m lakeloop.local.aws", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--state-dir", type=Path, required=True, help="folder for objects, state and scratch files")
    parser.add_argument("--interpreters-dir", type=Path, help="folder for the handlers' bare interpreters")
    options = parser.parse_args()
    die_with_parent()
    try:
        listener = socket.create_server(("127.0.0.1", options.port))
    except OSError as error:
        sys.exit(f"port {options.port} on 127.0.0.1: {error.strerror}")
    port = listener.getsockname()[1]
    state_dir = options.state_dir.resolve()
    interpreters = options.interpreters_dir and options.interpreters_dir.resolve()
    settings = Settings.read(port, state_dir, interpreters, os.environ)
    sys.stderr.write(f"AWS emulator on http://127.0.0.1:{port}, state in {state_dir}\n")
    run(settings, listener)


if __name__ == "__main__":
    main()
