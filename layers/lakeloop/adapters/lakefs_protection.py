"""Branch protection, in which people have a say as well: rules are read as they are and never dropped.

The SDK knows a rule's pattern only. Servers know more of it (`blocked_actions`), so rules pass as plain JSON here.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

from lakefs_sdk.exceptions import ApiException

from lakeloop.adapters.lakefs_calls import PRECONDITION_FAILED, LakeCaller
from lakeloop.errors import TransientError, UnusableLakeError
from lakeloop.names import MAIN

TRIES = 5
# What an ingest does to its branch; a rule that blocks none of it is no hindrance.
WRITES = frozenset({"staging_write", "commit"})
_PATH = "/repositories/{repository}/settings/branch_protection"

Rule = dict[str, Any]


def protecting_rule(lake: LakeCaller, repository: str, branch: str) -> str | None:
    """The pattern of the rule that keeps a branch from being written, if there is one."""
    rules, _ = _read(lake, repository)
    return next((rule["pattern"] for rule in rules if _blocks(rule, branch)), None)


def protect_main(lake: LakeCaller, repository: str, ingest_branch: str) -> None:
    """Add a rule for main where there is none, and leave all others as they are; `ingest_branch` stays writable."""
    for _ in range(TRIES):
        rules, etag = _read(lake, repository)
        _refuse_rules_on_ingest(rules, repository, ingest_branch)
        if any(rule["pattern"] == MAIN for rule in rules):
            return
        try:
            _write(lake, repository, [*rules, {"pattern": MAIN}], etag)
        except ApiException as error:
            if error.status != PRECONDITION_FAILED:
                raise
        else:
            return
    raise TransientError(f"the protection rules of {repository} change all the time: apply again")


def _refuse_rules_on_ingest(rules: Iterable[Rule], repository: str, ingest_branch: str) -> None:
    for rule in rules:
        if _blocks(rule, ingest_branch):
            raise UnusableLakeError(
                f"the rule `{rule['pattern']}` of {repository} protects every branch called ingest-*, to which files "
                "are written before they are merged: exclude ingest-* (protect main and the like by their names), "
                "then apply again"
            )


def _blocks(rule: Rule, branch: str) -> bool:
    """A rule that does not list what it blocks blocks all writes."""
    blocked = rule.get("blocked_actions") or WRITES
    return fnmatchcase(branch, rule["pattern"]) and not WRITES.isdisjoint(blocked)


def _read(lake: LakeCaller, repository: str) -> tuple[list[Rule], str]:
    """The rules and their ETag, which is empty while no rule was ever set."""
    answer = lake.call(
        lake.api.repositories_api.api_client.call_api,
        _PATH,
        "GET",
        {"repository": repository},
        [],
        {"Accept": "application/json"},
        response_types_map={"200": "object"},
        auth_settings=["basic_auth"],
    )
    return list(answer.data or []), answer.headers.get("ETag", "")


def _write(lake: LakeCaller, repository: str, rules: list[Rule], etag: str) -> None:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    lake.call(
        lake.api.repositories_api.api_client.call_api,
        _PATH,
        "PUT",
        {"repository": repository},
        [],
        # An empty If-Match, which stands for "no rules yet", is refused by the server.
        headers | ({"If-Match": etag} if etag else {}),
        body=rules,
        response_types_map={},
        auth_settings=["basic_auth"],
    )
