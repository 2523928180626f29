"""Reading action files."""

from __future__ import annotations

import pytest

from lakeloop.local.lakefs import actions
from lakeloop.local.lakefs.actions import Event
from lakeloop.local.lakefs.errors import BadRequest, Unsupported

FILE = """
name: gate
on:
  pre-merge:
    branches: [main, release-*]
  pre-commit:
hooks:
  - id: check
    type: webhook
    properties:
      url: http://127.0.0.1/check
      timeout: TIMEOUT
"""


@pytest.mark.parametrize(
    ("event", "branch", "runs"),
    [
        (Event.PRE_MERGE, "main", True),
        (Event.PRE_MERGE, "release-7", True),
        (Event.PRE_MERGE, "work", False),
        (Event.PRE_COMMIT, "any", True),
        (Event.POST_MERGE, "main", False),
    ],
)
def test_says_on_which_events_and_branches_it_runs(event: Event, branch: str, runs: bool) -> None:
    action = actions.parse("gate.yaml", FILE.replace("TIMEOUT", "1m").encode())

    assert action.runs_on(event, branch) is runs


@pytest.mark.parametrize(("written", "seconds"), [("1m", 60), ("30s", 30), ("250ms", 0.25)])
def test_durations(written: str, seconds: float) -> None:
    (hook,) = actions.parse("gate.yaml", FILE.replace("TIMEOUT", written).encode()).hooks

    assert hook.properties.timeout == seconds


@pytest.mark.parametrize("text", ["", "[]", "name: [", FILE.replace("TIMEOUT", "soon"), "name: x\non: {}\n"])
def test_what_is_no_action_file_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadRequest, match=r"gate\.yaml"):
        actions.parse("gate.yaml", text.encode())


@pytest.mark.parametrize(
    "text", ["name: x\non: {pre-create-tag: }\nhooks: []", "name: x\non: {pre-merge: }\nhooks: [{id: a, type: lua}]"]
)
def test_what_the_stand_in_cannot_run_is_refused_by_name(text: str) -> None:
    with pytest.raises(Unsupported, match=r"gate\.yaml"):
        actions.parse("gate.yaml", text.encode())


def test_secrets_come_from_the_environment_by_their_prefix() -> None:
    headers = {
        "Authorization": "Bearer {{ ENV.LAKEFSACTION_TOKEN }}",
        "X": "{{ ENV.HOME }}",
        "Y": "{{ENV.LAKEFSACTION_NO}}",
    }

    filled = actions.with_secrets(headers, {"LAKEFSACTION_TOKEN": "t", "HOME": "/root"})

    assert filled == {"Authorization": "Bearer t", "X": "{{ ENV.HOME }}", "Y": ""}
