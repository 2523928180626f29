"""Data capture: what went into an endpoint and what came out, as JSON lines in S3.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
"""

import base64
import json
import logging
import random
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from lakeloop.local.sagemaker.batches import Batches
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.objects import Objects, S3Uri

log = logging.getLogger(__name__)
INFERENCE_ID = "x-amzn-sagemaker-inference-id"
CUSTOM_ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"
MODES = {"Input": ("Input",), "Output": ("Output",), "InputAndOutput": ("Input", "Output")}


@dataclass(frozen=True)
class Payload:
    content_type: str
    data: bytes


@dataclass(frozen=True)
class Exchange:
    """One answered request."""

    given: Payload
    answered: Payload
    headers: dict[str, str]


def capture_summary(config: Document) -> Document | None:
    """DataCaptureConfig as DescribeEndpoint shows it."""
    given = config.get("DataCaptureConfig")
    if not given:
        return None
    enabled = given.get("EnableCapture", True)
    return {
        "EnableCapture": enabled,
        "CaptureStatus": "Started" if enabled else "Stopped",
        "CurrentSamplingPercentage": given["InitialSamplingPercentage"],
        "DestinationS3Uri": given["DestinationS3Uri"],
        "KmsKeyId": given.get("KmsKeyId", ""),
    }


def capture_line(config: Document, exchange: Exchange, event_id: str, now: datetime) -> str:
    """One line of a capture file."""
    chosen = {mode for option in config["CaptureOptions"] for mode in MODES[option["CaptureMode"]]}
    payloads = {"Input": exchange.given, "Output": exchange.answered}
    captured = {
        f"endpoint{mode}": _payload(config, mode, payloads[mode]) for mode in ("Input", "Output") if mode in chosen
    }
    metadata: dict[str, object] = {"eventId": event_id}
    if CUSTOM_ATTRIBUTES in exchange.headers:
        metadata["customAttributes"] = [exchange.headers[CUSTOM_ATTRIBUTES]]
    if INFERENCE_ID in exchange.headers:
        metadata["inferenceId"] = exchange.headers[INFERENCE_ID]
    metadata["inferenceTime"] = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return json.dumps({"captureData": captured, "eventMetadata": metadata, "eventVersion": "0"})


def _payload(config: Document, mode: str, payload: Payload) -> dict[str, str]:
    """As text only when the config says that this content type is text."""
    known = config.get("CaptureContentTypeHeader", {})
    content_type = payload.content_type.partition(";")[0].strip()
    encoding = "BASE64"
    for name, types in (("CSV", "CsvContentTypes"), ("JSON", "JsonContentTypes")):
        if content_type in known.get(types, []):
            encoding = name
    data = base64.b64encode(payload.data) if encoding == "BASE64" else payload.data
    return {
        "observedContentType": payload.content_type,
        "mode": mode.upper(),
        "data": data.decode(),
        "encoding": encoding,
    }


class Captures:
    """Writes the lines of each moment into one file per variant."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._lines: Batches[S3Uri, str] = Batches("captures", self._write)

    def start(self) -> None:
        self._lines.start()

    def record(self, config: Document, endpoint: str, variant: str, exchange: Exchange) -> None:
        """Unless capture is off, or the sampling leaves this one out."""
        given = config.get("DataCaptureConfig", {})
        if not given.get("EnableCapture", bool(given)):
            return
        if random.random() * 100 >= given["InitialSamplingPercentage"]:  # noqa: S311
            return
        line = capture_line(given, exchange, str(uuid.uuid4()), datetime.now(UTC))
        self._lines.add(S3Uri.parse(given["DestinationS3Uri"]).below(endpoint, variant), line)

    def close(self) -> None:
        self._lines.close()

    def _write(self, folder: S3Uri, lines: list[str]) -> None:
        now = datetime.now(UTC)
        file = f"{now:%M-%S}-{now.microsecond // 1000:03d}-{uuid.uuid4()}.jsonl"
        try:
            self._objects.write(folder.below(f"{now:%Y/%m/%d/%H}", file), "\n".join([*lines, ""]).encode())
        except (ClientError, BotoCoreError) as error:
            log.warning("%d captures of %s are lost: %s", len(lines), folder, error)
