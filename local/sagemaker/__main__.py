"""Starts the local SageMaker: `python -m lakeloop.local.sagemaker --port 0 --state-dir FOLDER`."""

import argparse
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from lakeloop.local.sagemaker.app import SageMaker
from lakeloop.local.sagemaker.settings import Settings
from lakeloop.local.supervisor.child import PARENT_VARIABLE, die_with_parent


def main() -> None:
    parser = argparse.ArgumentParser(prog="lakeloop.local.sagemaker", description="Amazon SageMaker on one machine.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--state-dir", type=Path, required=True)
    chosen = parser.parse_args()
    die_with_parent()
    # For the containers this process is the parent.
    os.environ.pop(PARENT_VARIABLE, None)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        sagemaker = SageMaker(Settings.read(chosen.state_dir), chosen.port)
    except (ValueError, OSError) as error:
        sys.exit(f"the local SageMaker cannot start: {error}")

    def stop(number: int, frame: FrameType | None) -> None:
        # shutdown() waits for the loop that this signal interrupts, so it is asked from elsewhere.
        threading.Thread(target=sagemaker.stop).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(f"local SageMaker on {sagemaker.url}, state in {chosen.state_dir}", file=sys.stderr, flush=True)
    sagemaker.serve()


if __name__ == "__main__":
    main()
