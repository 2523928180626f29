"""Gaps of ministack alone in what policies are asked about. When one of these fails: as in test_gaps.py."""

from pathlib import Path

from tests.contract.aws.calls import in_emulator


def test_a_rule_of_the_default_bus_is_asked_for_with_the_bus_in_its_name(tmp_path: Path) -> None:
    asked = in_emulator(
        "from ministack.core.iam_actions import extract_resource_arn\n"
        'body = b\'{"Name": "mine"}\'\n'
        "print(extract_resource_arn('events', 'POST', '/', {}, body, {}, 'us-east-1', '000000000000'))",
        str(tmp_path),
    )

    assert asked.split()[-1] == "arn:aws:events:us-east-1:000000000000:rule/default/mine"


def test_a_batch_call_of_a_queue_is_asked_for_by_its_own_name(tmp_path: Path) -> None:
    asked = in_emulator(
        "from ministack.core.iam_actions import extract_iam_action\n"
        "headers = {'x-amz-target': 'AmazonSQS.ChangeMessageVisibilityBatch'}\n"
        "print(extract_iam_action('sqs', 'POST', '/', headers, b'{}', {}))",
        str(tmp_path),
    )

    assert asked.split()[-1] == "sqs:ChangeMessageVisibilityBatch"


def test_calls_about_layers_and_aliases_are_taken_for_others(tmp_path: Path) -> None:
    asked = in_emulator(
        "from ministack.core.iam_actions import extract_iam_action, extract_resource_arn\n"
        "layer, alias = '/2018-10-31/layers/words/versions', '/2015-03-31/functions/f/aliases/live'\n"
        "calls = (('GET', layer), ('DELETE', layer + '/1'), ('PUT', alias))\n"
        "print([extract_iam_action('lambda', *call, {}, b'', {}) for call in calls])\n"
        "invoke = ('lambda', 'POST', '/2015-03-31/functions/f/invocations', {}, b'', {'Qualifier': ['live']})\n"
        "print(extract_resource_arn(*invoke, 'us-east-1', '000000000000'))",
        str(tmp_path),
    )

    actions, resource = asked.strip().splitlines()[-2:]
    assert actions == "['lambda:ListLayers', None, 'lambda:ListAliases']"
    assert resource == "arn:aws:lambda:us-east-1:000000000000:function:f"
