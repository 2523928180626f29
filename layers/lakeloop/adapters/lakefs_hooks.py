"""What a hook of lakeFS said: lakeFS tells its status only, and keeps the answer with the run."""

import re

from lakefs_sdk.exceptions import ApiException

from lakeloop.adapters.lakefs_calls import MESSAGE_CHARACTERS, LakeCaller, message_of
from lakeloop.errors import TransientError

_RUN_ID = re.compile(r"run id '?(\w+)")
_ANSWER = re.compile(r"Response:\n.*?\r\n\r\n(?P<body>.*?)Error: action failed: (?P<error>.*)$", re.DOTALL)


def words_of_hook(lake: LakeCaller, repository: str, error: ApiException) -> str:
    """The hook's own words, where they can be read."""
    said = message_of(error)
    run = _RUN_ID.search(said)
    if run is None:
        return said
    try:
        for hook in lake.pages(lake.api.actions_api.list_run_hooks, repository, run[1]):
            if hook.status == "failed":
                output = lake.call(lake.api.actions_api.get_run_hook_output, repository, run[1], hook.hook_run_id)
                return f"{hook.action}/{hook.hook_id}: {_answer_in(bytes(output).decode(errors='replace'))}"
    except (ApiException, TransientError):
        # The refusal stands, whether or not the hook's words can be read.
        return said
    return said


def _answer_in(output: str) -> str:
    """The body of a webhook's answer as lakeFS writes it down, between its headers and lakeFS's own words."""
    found = _ANSWER.search(output.strip())
    said = found["body"].strip() or found["error"] if found else output.strip()
    return str(said)[-MESSAGE_CHARACTERS:]
