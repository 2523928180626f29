"""The serving entry point: /ping, /execution-parameters and /invocations over the model in /opt/ml/model."""

import json
import os
import signal
import socket
import sys
import threading
from types import FrameType

import numpy as np
import numpy.typing as npt

from lakeloop.local.sagemaker.containers.layout import Layout
from lakeloop.local.sagemaker.containers.xgboost.lean import xgboost
from lakeloop.local.sagemaker.containers.xgboost.listening import LISTEN_FD
from lakeloop.local.sagemaker.http_server import HttpRequest, HttpResponse, HttpServer

LARGEST_PAYLOAD = 6 * 1024 * 1024
# Own inference code and selectable content: better no endpoint than one that ignores them.
ABSENT = ("SAGEMAKER_PROGRAM", "SAGEMAKER_INFERENCE_OUTPUT")
CSV_TYPES = frozenset({"text/csv"})
LIBSVM_TYPES = frozenset({"text/libsvm", "text/x-libsvm"})
Rows = npt.NDArray[np.float32]


class Refused(Exception):  # noqa: N818 - the answer it becomes is no error of the server
    """The request cannot be answered; `status` says whose fault it is."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Server:
    """Answers for one model."""

    def __init__(self, booster: xgboost.Booster, *, batch: bool) -> None:
        self._booster = booster
        self._batch = batch
        self._features = booster.num_features()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        match request.method, request.path:
            case "GET", "/ping":
                return HttpResponse(200)
            case "GET", "/execution-parameters":
                return HttpResponse(200, _execution_parameters(), {"Content-Type": "application/json"})
            case "POST", "/invocations":
                return self._invocation(request)
        return HttpResponse(404)

    def _invocation(self, request: HttpRequest) -> HttpResponse:
        try:
            return self._scored(request)
        except Refused as refused:
            print(f"{refused.status} {refused}", flush=True)
            return HttpResponse(refused.status, str(refused).encode(), {"Content-Type": "text/plain"})

    def _scored(self, request: HttpRequest) -> HttpResponse:
        if not request.body:
            return HttpResponse(204)
        if len(request.body) > LARGEST_PAYLOAD:
            raise Refused(413, f"{len(request.body)} bytes are more than {LARGEST_PAYLOAD}")
        accept = _media_type(request.headers.get("accept", ""), default="text/csv")
        rows = self._rows(request.body.decode("utf-8", errors="replace"), request.headers.get("content-type", ""))
        try:
            scores = self._booster.predict(xgboost.DMatrix(rows), validate_features=False)
        except xgboost.core.XGBoostError as error:
            raise Refused(400, f"Unable to evaluate payload provided: {error}") from error
        # In a batch transform the answers of many requests follow each other in one file.
        end = b"\n" if self._batch else b""
        return HttpResponse(200, encoded(scores, accept) + end, {"Content-Type": accept})

    def _rows(self, text: str, content_type: str) -> Rows:
        media_type = _media_type(content_type, default="text/csv")
        if media_type in CSV_TYPES:
            rows = parse_csv(text)
        elif media_type in LIBSVM_TYPES:
            rows = parse_libsvm(text, self._features)
        else:
            raise Refused(
                415, f"Content-type {media_type} not supported. Supported content-type is text/csv, text/libsvm"
            )
        if rows.shape[1] != self._features:
            raise Refused(
                400,
                f"Unable to evaluate payload provided: Feature size of {media_type} inference data {rows.shape[1]} "
                f"is not consistent with feature size of trained model {self._features}.",
            )
        return rows


def parse_csv(text: str) -> Rows:
    """One row per line; an empty cell is a missing value."""
    try:
        rows = [
            [float(cell) if cell.strip() else np.nan for cell in line.split(",")] for line in text.strip().splitlines()
        ]
        return np.array(rows, dtype=np.float32)
    except ValueError as error:
        raise Refused(
            415, f"Loading csv data failed with Exception, please ensure data is in csv format: {error}"
        ) from error


def parse_libsvm(text: str, features: int) -> Rows:
    """What a line does not name is missing. A label in front is ignored."""
    lines = text.strip().splitlines()
    rows = np.full((len(lines), features), np.nan, dtype=np.float32)
    try:
        for row, line in enumerate(lines):
            for item in line.split():
                index, colon, value = item.partition(":")
                if colon:
                    rows[row, int(index)] = float(value)
    except (ValueError, IndexError) as error:
        raise Refused(
            415, f"Loading libsvm data failed with Exception, please ensure data is in libsvm format: {error}"
        ) from error
    return rows


def encoded(scores: npt.NDArray[np.float32], accept: str) -> bytes:
    values = scores.tolist()
    match accept:
        case "text/csv" | "*/*":
            return "\n".join(map(str, values)).encode()
        case "application/json":
            return json.dumps({"predictions": [{"score": value} for value in values]}).encode()
        case "application/jsonlines":
            return "\n".join(json.dumps({"score": value}) for value in values).encode()
    raise Refused(406, f"Accept type {accept} is not supported")


def _media_type(header: str, *, default: str) -> str:
    chosen = header.partition(";")[0].strip().lower()
    return default if chosen in ("", "*/*") else chosen


def _execution_parameters() -> bytes:
    parameters = {"MaxConcurrentTransforms": os.cpu_count(), "BatchStrategy": "MULTI_RECORD", "MaxPayloadInMB": 6}
    return json.dumps(parameters).encode()


def load_model(layout: Layout) -> xgboost.Booster:
    """Exits when there is none, so that the endpoint fails as it does on AWS."""
    files = sorted(path for path in layout.model.iterdir() if path.is_file())
    if not files:
        sys.exit(f"Unable to load model: no file in {layout.model}")
    try:
        booster = xgboost.Booster(model_file=files[0])
    except xgboost.core.XGBoostError as error:
        sys.exit(f"Unable to load model {files[0].name}: {error}")
    booster.set_param("nthread", "1")
    return booster


def main() -> None:
    if absent := [name for name in ABSENT if os.environ.get(name)]:
        sys.exit(f"the stand-in for the XGBoost container does not know {', '.join(absent)}")
    answers = Server(load_model(Layout.here()), batch=os.environ.get("SAGEMAKER_BATCH") == "true")
    server = HttpServer.on_socket(socket.socket(fileno=int(os.environ[LISTEN_FD])), answers)

    def stop(number: int, frame: FrameType | None) -> None:
        # shutdown() waits for the loop that this signal interrupts, so it is asked from elsewhere.
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    print("Model loaded, waiting for requests", flush=True)
    server.serve_forever(poll_interval=0.1)


if __name__ == "__main__":
    main()
