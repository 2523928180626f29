"""What one `terraform apply` made live, as Terraform writes it down, and which of those before it one goes back to."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

# So many of the newest can be gone back to; layers of older ones are deleted.
KEPT = 5


class Rollout(BaseModel):
    """A version of every function, by the names AWS has, and the layers that they were made with, by ARN.

    `lakeloop` and `git_sha` say of what code.
    """

    model_config = ConfigDict(frozen=True)

    format: Literal[1]
    lakeloop: str
    git_sha: str
    functions: Mapping[str, str]
    layers: tuple[str, ...]

    def moves(self, live: Mapping[str, str]) -> dict[str, str]:
        """The functions that are at another version than here, with that of here; what is new since stays."""
        return {name: self.functions[name] for name, at in live.items() if self.functions.get(name, at) != at}


class Written(BaseModel):
    """A rollout with the version of the object that it stands in, and when that was written, UTC."""

    model_config = ConfigDict(frozen=True)

    id: str
    at: datetime
    rollout: Rollout


def current(written: Sequence[Written], live: Mapping[str, str]) -> Written | None:
    """The newest of these, newest first, of which all functions are live; None while they are of several."""
    return next((one for one in written if not one.rollout.moves(live)), None)


def former(written: Sequence[Written], live: Mapping[str, str]) -> Written | None:
    """The newest before the one that is live; None where that is the oldest, or none is live."""
    now = current(written, live)
    older = written[written.index(now) + 1 :] if now else []
    return next((one for one in older if one.rollout.moves(live)), None)


def unneeded(layers: Iterable[str], kept: Iterable[Rollout]) -> list[str]:
    """Of these layers those that no kept rollout was made with."""
    needed = {layer for rollout in kept for layer in rollout.layers}
    return [layer for layer in layers if layer not in needed]
