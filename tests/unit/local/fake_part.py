"""Stands for a part of the local cloud: answers its health check, or misbehaves as a file beside it says."""

import argparse
import json
import os
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from lakeloop.local.supervisor.child import die_with_parent

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int)
parser.add_argument("--state-dir", type=Path)
parser.add_argument("--interpreters-dir", type=Path)
options = parser.parse_args()
die_with_parent()
options.state_dir.mkdir(parents=True, exist_ok=True)
behaviour = Path(__file__).with_name("behaviour").read_text().split()
if "fails" in behaviour:
    sys.exit("the part cannot find its feet")
if "hangs" in behaviour:
    time.sleep(600)
child = subprocess.Popen(["sleep", "600"]) if "leaves-a-child" in behaviour else None
Path(options.state_dir / "started.json").write_text(json.dumps({"pid": os.getpid(), "environment": dict(os.environ)}))


class Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()


HTTPServer(("127.0.0.1", options.port), Health).serve_forever()
