"""What is called how in the bucket of captures: predictions, and what is known of them."""

from collections.abc import Sequence
from datetime import datetime

from lakeloop.names import digest


def captures_of(dataset: str) -> str:
    """The folder of a dataset's captures."""
    return f"captures/{dataset}/"


def captures_folder(dataset: str, at: datetime) -> str:
    """The folder of an hour, in UTC."""
    return f"{captures_of(dataset)}date={at:%Y-%m-%d}/hour={at:%H}/"


def capture_key(dataset: str, at: datetime, message_ids: Sequence[str]) -> str:
    """The captures that these messages told of one hour."""
    return f"{captures_folder(dataset, at)}{digest(*message_ids, length=32)}.parquet"


def large_capture_key(dataset: str, digest: str) -> str:
    """A message that was too large for its topic."""
    return f"large/{dataset}/{digest}.json"


def capture_hour(key: str) -> str:
    """The hour of an object of captures, as WINDOW_HOUR writes it."""
    day, hour = (part.partition("=")[2] for part in key.split("/")[2:4])
    return f"{day}T{hour}"


def watch_folder(dataset: str) -> str:
    """What is known of the predictions of a dataset, beside the captures that it is made of."""
    return f"monitored/{dataset}/"


def watch_state_key(dataset: str) -> str:
    return f"{watch_folder(dataset)}state.json"


def profile_key(dataset: str, *made_of: str) -> str:
    """What the predictions of a model are compared with, by what it is made of."""
    return f"{watch_folder(dataset)}profiles/{digest(*made_of, length=32)}.json"


def live_answers_key(dataset: str, hour: str, made_of: str) -> str:
    """The labelled answers of a model in an hour, by what they were made of."""
    return f"{watch_folder(dataset)}labelled/{hour}-{made_of}.parquet"
