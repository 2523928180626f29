"""DescribeAlarms tells the whole alarm to clients of the Query protocol too.

Gap in ministack: its XML leaves out period, statistic, dimensions, actions and more (its JSON does not), so Terraform
sees every alarm as changed on every plan. PutMetricAlarm drops InsufficientDataActions that arrive by Query.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

MODULE = "ministack.services.cloudwatch"
PARAMETERS = ("params", "cbor_data", "is_cbor", "is_json")
DESCRIBE_ALARMS = PrivateName(MODULE, "_describe_alarms", PARAMETERS)
PUT_METRIC_ALARM = PrivateName(MODULE, "_put_metric_alarm", PARAMETERS)
ALARMS = PrivateName(MODULE, "_alarms")
TOUCHES = (DESCRIBE_ALARMS, PUT_METRIC_ALARM, ALARMS)

NAMESPACE = "http://monitoring.amazonaws.com/doc/2010-08-01/"
Query = dict[str, list[str]]
Response = tuple[int, dict[str, str], bytes]
Operation = Callable[..., Response]


def apply(settings: Settings) -> None:
    DESCRIBE_ALARMS.wrap(describe_in_full)
    PUT_METRIC_ALARM.wrap(keep_insufficient_data_actions)


def describe_in_full(original: Operation) -> Operation:
    def describe(params: Query, cbor_data: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Response:
        if is_cbor or is_json:
            return original(params, cbor_data, is_cbor, is_json)
        status, headers, body = original({}, request_of(params), False, True)
        if status != 200:
            # An error is the same in both protocols; let ministack write it in this one.
            return original(params, cbor_data, is_cbor, is_json)
        return 200, {**headers, "Content-Type": "text/xml"}, xml_response("DescribeAlarms", json.loads(body))

    return describe


def keep_insufficient_data_actions(original: Operation) -> Operation:
    def put(params: Query, cbor_data: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Response:
        response = original(params, cbor_data, is_cbor, is_json)
        actions = members(params, "InsufficientDataActions")
        if response[0] == 200 and actions:
            ALARMS.get()[params["AlarmName"][0]]["InsufficientDataActions"] = actions
        return response

    return put


def request_of(params: Query) -> dict[str, Any]:
    """The JSON form of a DescribeAlarms request that came as a form."""
    request: dict[str, Any] = {name: values[0] for name, values in params.items() if "." not in name}
    for name in ("AlarmNames", "AlarmTypes"):
        if found := members(params, name):
            request[name] = found
    return request


def members(params: Query, name: str) -> list[str]:
    numbered = ((re.fullmatch(rf"{name}\.member\.(\d+)", key), values[0]) for key, values in params.items())
    return [value for _, value in sorted((int(match[1]), value) for match, value in numbered if match)]


def xml_response(operation: str, result: dict[str, Any]) -> bytes:
    content = xml_members(result)
    return (
        f'<{operation}Response xmlns="{NAMESPACE}"><{operation}Result>{content}</{operation}Result>'
        f"<ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></{operation}Response>"
    ).encode()


def xml_members(structure: dict[str, Any]) -> str:
    return "".join(
        f"<{name}>{xml_value(name, value)}</{name}>" for name, value in structure.items() if value is not None
    )


def xml_value(name: str, value: object) -> str:
    if isinstance(value, list):
        return "".join(f"<member>{xml_value('', item)}</member>" for item in value)
    if isinstance(value, dict):
        return xml_members(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if name.endswith("Timestamp") and isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC).isoformat()
    return escape(str(value))
