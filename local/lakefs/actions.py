"""Action files: `_lakefs_actions/*.yaml` in the data itself say which hooks run on which event and branch."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Annotated

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from lakeloop.local.lakefs.errors import BadRequest, Unsupported

ACTIONS_PREFIX = "_lakefs_actions/"
_DURATION = re.compile(r"(?P<number>\d+)(?P<unit>ms|s|m)")
_SECRET = re.compile(r"\{\{\s*ENV\.(LAKEFSACTION_\w+)\s*\}\}")
_UNIT_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0}


class Event(StrEnum):
    """When hooks run. A hook of a `pre-` event can refuse what is about to happen."""

    PRE_COMMIT = "pre-commit"
    POST_COMMIT = "post-commit"
    PRE_MERGE = "pre-merge"
    POST_MERGE = "post-merge"
    PRE_REVERT = "pre-revert"
    POST_REVERT = "post-revert"

    @property
    def afterwards(self) -> Event:
        return Event(self.value.replace("pre-", "post-"))


def _seconds(text: object) -> float:
    match = _DURATION.fullmatch(str(text))
    if match is None:
        raise ValueError(f"{text!r} is not a duration such as 30s or 1m")
    return int(match["number"]) * _UNIT_SECONDS[match["unit"]]


class _Strict(BaseModel):
    """What the stand-in does not understand it must not pass over: it might be what makes the gate a gate."""

    model_config = ConfigDict(extra="forbid")


class _Scope(_Strict):
    branches: Sequence[str] = ()


class _Webhook(_Strict):
    url: str
    timeout: Annotated[float, BeforeValidator(_seconds)] = 60.0
    query_params: Mapping[str, str | Sequence[str]] = Field(default_factory=dict)
    headers: Mapping[str, str] = Field(default_factory=dict)


class Hook(_Strict):
    """One webhook of an action."""

    id: str
    type: str
    description: str = ""
    properties: _Webhook


class Action(_Strict):
    """One action file."""

    name: str
    description: str = ""
    on: Mapping[str, _Scope | None]
    hooks: Sequence[Hook]

    def runs_on(self, event: Event, branch: str) -> bool:
        if event not in self.on:
            return False
        scope = self.on[event]
        return scope is None or not scope.branches or any(fnmatchcase(branch, name) for name in scope.branches)


def parse(path: str, text: bytes) -> Action:
    """The action in a file, or a refusal that names the file: a gate that cannot be read must not stand open."""
    try:
        raw = yaml.safe_load(text)
        if isinstance(raw, dict) and True in raw:
            # Unquoted, YAML reads the key `on` as the boolean true.
            raw["on"] = raw.pop(True)
        _refuse_what_we_cannot_run(path, raw)
        return Action.model_validate(raw)
    except (yaml.YAMLError, ValidationError) as error:
        raise BadRequest(f"action file {path} is not valid: {error}") from error


def with_secrets(headers: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """Headers with `{{ ENV.LAKEFSACTION_X }}` filled in, the way secrets reach a webhook."""
    return {name: _SECRET.sub(lambda match: environment.get(match[1], ""), value) for name, value in headers.items()}


def _refuse_what_we_cannot_run(path: str, raw: object) -> None:
    if not isinstance(raw, dict):
        return
    events = {str(event) for event in raw.get("on") or ()}
    types = {str(hook.get("type")) for hook in raw.get("hooks") or () if isinstance(hook, dict)}
    unknown = sorted(events - set(Event)) + sorted(types - {"webhook"})
    if unknown:
        raise Unsupported(
            f"action file {path}: the local stand-in runs webhooks on {', '.join(Event)}; it cannot run {unknown}"
        )
