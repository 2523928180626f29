"""A model that is to be judged, and what is known before anything is scored."""

from dataclasses import dataclass

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.deployment.ports import TrainedModel
from lakeloop.evaluation.champion import Champion
from lakeloop.evaluation.scored import Task
from lakeloop.evaluation.scoring import Split
from lakeloop.registry import lineage
from lakeloop.registry.ports import Approval, ModelVersion
from lakeloop.registry.wish import is_stale


@dataclass(frozen=True)
class Case:
    """`contract` is the one that the model was trained with, `today` the one whose policy counts.

    `version` is what the model was registered as before, if it was.
    """

    trained: TrainedModel
    contract: DatasetContract
    today: DatasetContract
    champion: Champion | None
    version: ModelVersion | None

    @property
    def dataset(self) -> str:
        return self.trained.tags[names.DATASET_TAG]

    @property
    def split(self) -> Split:
        tags = self.trained.tags
        return Split(self.dataset, tags[names.REPOSITORY_TAG], tags[names.COMMIT_TAG], self.contract)

    @property
    def task(self) -> Task:
        return Task(self.contract.task, self.contract.classes, self.today.promotion.metric or self.contract.metric)

    @property
    def slices(self) -> list[str]:
        return [part.column for part in self.today.promotion.slices]

    @property
    def folder(self) -> str:
        return names.evaluation_key(self.dataset, self.trained.tuning_job)

    @property
    def decided(self) -> bool:
        """Whether nothing is left to judge: a person has decided, or the rule beside the model that serves now."""
        if self.version is None:
            return False
        serving = self.champion.name if self.champion else lineage.NOBODY
        serves = serving == self.version.arn
        return serves or self.version.approval is Approval.REJECTED or not is_stale(self.version, serving)
