"""The model that serves, as the one to beat."""

from dataclasses import dataclass
from typing import Self

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.deployment.decision import SERVING
from lakeloop.deployment.ports import Served, ServedConfig
from lakeloop.values.codes import FeatureEncoder


@dataclass(frozen=True)
class Champion:
    """`name` is the ARN of its version, or its training job where it was deployed before there was a registry.

    `contract` is the digest of the one that it was trained with, empty where none was kept.
    """

    name: str
    model: str
    tuning_job: str
    commit: str
    contract: str

    @property
    def label(self) -> str:
        """For people: `version 3`, or its training job."""
        return f"version {self.name.rpartition('/')[2]}" if self.name.startswith("arn:") else self.name

    @classmethod
    def of(cls, served: ServedConfig) -> Self:
        return cls(
            name=served.version,
            model=served.model,
            tuning_job=served.tags.get(names.TUNING_JOB_TAG, ""),
            commit=served.tags.get(names.COMMIT_TAG, ""),
            contract=served.tags.get(names.CONTRACT_TAG, ""),
        )


def serving(models: Served, owner: str, dataset: str) -> Champion | None:
    """What this environment answers requests by now, whatever an update is bringing; None where nothing serves."""
    endpoint = models.endpoint(names.endpoint(owner, dataset))
    if endpoint is None or endpoint.status not in SERVING or not endpoint.is_of(owner):
        return None
    config = models.served(endpoint.config)
    return Champion.of(config) if config else None


def answers_alike(champion: DatasetContract, now: DatasetContract) -> bool:
    """Whether both models say the same things of a row, so that figures of one compare with those of the other."""
    return (champion.label, champion.classes) == (now.label, now.classes)


def unscorable(champion: DatasetContract, now: DatasetContract) -> str:
    """Why rows of today's contract cannot be scored by a model of an earlier one, as a sentence; empty where they can.

    A column that rows lack is missing in all of them, which would make any model look bad.
    """
    if not answers_alike(champion, now):
        return "it answers with other classes or another label"
    kinds = {column.name: column.type for column in now.kept}
    earlier = {column.name: column.type for column in champion.kept}
    gone = [name for name in FeatureEncoder(champion).columns if kinds.get(name) != earlier[name]]
    return f"rows have no {', '.join(gone)} any more as it reads them" if gone else ""
