"""`python -m lakeloop.local.supervisor`: the process that owns the parts of one local cloud."""

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

from lakeloop.local.errors import LocalCloudError
from lakeloop.local.layout import CloudPaths
from lakeloop.local.supervisor.loopback import Ports
from lakeloop.local.supervisor.supervisor import StopRequested, Supervisor, report, request_stop, watch_lifeline


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m lakeloop.local.supervisor", description=__doc__)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--local", type=Path, required=True)
    parser.add_argument("--package", type=Path, required=True)
    parser.add_argument("--ports", type=json.loads, required=True, help="JSON object of a port per part")
    parser.add_argument("--iam", action="store_true", help="enforce IAM policies")
    parser.add_argument("--mlflow", action="store_true", help="start an MLflow server too")
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, request_stop)
    threading.Thread(target=watch_lifeline, daemon=True).start()
    supervisor = Supervisor(
        CloudPaths(options.root, options.local, options.package),
        Ports(**options.ports),
        iam_enforced=options.iam,
        mlflow=options.mlflow,
    )
    try:
        supervisor.run()
    except LocalCloudError as error:
        report(error={"what": error.what, "what_to_do": error.what_to_do})
        sys.exit(1)
    except StopRequested:
        sys.exit(0)


if __name__ == "__main__":
    main()
