"""An event that a rule's target cannot take goes to the target's dead-letter queue; a failing function is retried.

Gaps in ministack: an event for a queue, topic or function that is gone is a line in its log, whatever
DeadLetterConfig says; a function woken by a rule runs once, without Lambda's own retries and failure destination.
There is nothing to retry for queues and topics here: they either exist or they do not.
"""

import json
import logging
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

EVENTS, LAMBDA = "ministack.services.eventbridge", "ministack.services.lambda_svc"
INVOKE_TARGET = PrivateName(EVENTS, "_invoke_target", ("target", "event", "rule", "view"))
TO_LAMBDA = PrivateName(EVENTS, "_dispatch_to_lambda", ("arn", "payload"))
TO_QUEUE = PrivateName(EVENTS, "_dispatch_to_sqs", ("spec", "payload", "sqs_parameters"))
TO_TOPIC = PrivateName(EVENTS, "_dispatch_to_sns", ("arn", "payload"))
VIEW = PrivateName(EVENTS, "_pattern_event_view", ("event",))
FUNCTION = PrivateName(LAMBDA, "_get_func_record_for_ref", ("function_ref",))
EXECUTION_RECORD = PrivateName(LAMBDA, "_execution_record_for_config", ("func", "config"))
INVOKE_WITH_RETRIES = PrivateName(LAMBDA, "invoke_async_with_retry", ("func", "event"))
QUEUE = PrivateName("ministack.services.sqs", "_queue_by_arn", ("arn",))
SEND = PrivateName("ministack.services.sqs", "_act_send_message", ("data", "qurl"))
TOPIC = PrivateName("ministack.services.sns", "_topic_by_arn_any_scope", ("topic_arn",))
TOUCHES = (
    INVOKE_TARGET,
    TO_LAMBDA,
    TO_QUEUE,
    TO_TOPIC,
    VIEW,
    FUNCTION,
    EXECUTION_RECORD,
    INVOKE_WITH_RETRIES,
    QUEUE,
    SEND,
    TOPIC,
)

# Why the target being served could not be reached; ministack's dispatch swallows exceptions.
unreachable: ContextVar[str] = ContextVar("unreachable", default="")
logger = logging.getLogger("lakeloop")


def apply(settings: Settings) -> None:
    TO_LAMBDA.replace(invoke_function)
    TO_QUEUE.wrap(lambda original: only_if_there(QUEUE, "queue", original))
    TO_TOPIC.wrap(lambda original: only_if_there(TOPIC, "topic", original))
    INVOKE_TARGET.wrap(with_dead_letters)


def invoke_function(arn: str, payload: str) -> None:
    function, configuration, name = FUNCTION.get()(arn)
    if not function or not configuration:
        unreachable.set(f"function {name} does not exist")
        return
    INVOKE_WITH_RETRIES.get()(EXECUTION_RECORD.get()(function, configuration), json.loads(payload))


def only_if_there(find: PrivateName, kind: str, original: Callable[..., None]) -> Callable[..., None]:
    def dispatch(target: object, *rest: object) -> None:
        if find.get()(str(target)) is None:
            unreachable.set(f"{kind} {target} does not exist")
            return
        original(target, *rest)

    return dispatch


def with_dead_letters(original: Callable[..., None]) -> Callable[..., None]:
    def invoke(target: dict[str, Any], event: Any, rule: dict[str, Any], view: Any = None) -> None:  # noqa: ANN401
        unreachable.set("")
        original(target, event, rule, view)
        if problem := unreachable.get():
            bury(target, event, rule, problem)

    return invoke


def bury(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], problem: str) -> None:
    arn = (target.get("DeadLetterConfig") or {}).get("Arn", "")
    queue = QUEUE.get()(arn) if arn else None
    if queue is None:
        logger.warning("the event of rule %s is lost: %s, and no dead-letter queue takes it", rule.get("Name"), problem)
        return
    told = {
        "RULE_ARN": rule.get("Arn", ""),
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": "NO_RESOURCE",
        "ERROR_MESSAGE": problem,
    }
    message = {
        "QueueUrl": queue["url"],
        "MessageBody": json.dumps(VIEW.get()(event).event_with_detail()),
        "MessageAttributes": {name: {"DataType": "String", "StringValue": value} for name, value in told.items()},
    }
    SEND.get()(message, queue["url"])
