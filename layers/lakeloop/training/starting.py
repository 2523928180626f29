"""Starts the job that was decided on, unless the commit is not ready for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lakeloop import names
from lakeloop.artifacts import Artifacts
from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import contract_digest, kept, reading_digest, recipe_digest
from lakeloop.lake.borders import unmoved
from lakeloop.lake.features import Features, features_at
from lakeloop.lake.index import Index
from lakeloop.lake.ports import Lake, LakeObject
from lakeloop.messages import FeaturesMissing
from lakeloop.observability import logger
from lakeloop.training import script
from lakeloop.training.classes import lacking, too_few
from lakeloop.training.decision import Decision
from lakeloop.training.manifest import manifest
from lakeloop.training.ports import Labels, Lease, Readings, Remaker, Tuner
from lakeloop.training.tuning_job import TRAIN, Job, fingerprint, search_digest, tuning_request
from lakeloop.training.volume import does_not_fit, grown
from lakeloop.training.wake import Wake

CHANNELS = (TRAIN, "validation")

Objects = Mapping[str, Sequence[LakeObject]]
"""Objects of the lake by split."""


@dataclass(frozen=True)
class Found:
    """What a job would read of a commit, by split; what is missing, as a sentence, and whether that is being made."""

    splits: Objects
    lacks: str
    under_way: bool = False


class Starter:
    """Pins a job to a commit: its name, its manifests, its tags and a branch all say which."""

    def __init__(
        self,
        *,
        lake: Lake,
        artifacts: Artifacts,
        tuner: Tuner,
        labels: Labels,
        remaker: Remaker,
        readings: Readings,
        name_prefix: str,
        image: str,
        role_arn: str,
        kms_key_arn: str,
    ) -> None:
        self._lake = lake
        self._artifacts = artifacts
        self._tuner = tuner
        self._labels = labels
        self._remaker = remaker
        self._readings = readings
        self._name_prefix = name_prefix
        self._image = image
        self._role_arn = role_arn
        self._kms_key_arn = kms_key_arn

    def start(self, contract: DatasetContract, woken: Wake, decision: Decision, lease: Lease) -> Decision:
        """The decision as it was carried out; where something is missing at the commit, one that waits for it."""
        commit = decision.commit
        found = self._look(contract, woken, commit)
        splits = found.splits
        if found.lacks:
            # Who asked for a job is given it when what is under way is there.
            return replace(decision, start=False, why=found.lacks, wait=bool(woken.ask) and found.under_way)
        rows = self._rows(contract, commit, splits)
        data_bytes = _size(splits) + _size(rows)
        if refused := does_not_fit(contract.training, data_bytes):
            return replace(decision, start=False, why=refused, good=False)
        why = ", ".join(filter(None, [decision.why, grown(contract.training, data_bytes)]))
        job = self._job(contract, woken, decision, splits, rows)
        tags = self._tags(contract, woken, commit, why)
        # Before the job begins to read, and for as long as its model is of use.
        keeping = names.keep_branch(job.name)
        self._lake.ensure_branch(self._repository(contract), keeping, at=commit, hidden=False)
        lease.note(job.name)
        started = self._tuner.start(tuning_request(contract, job), tags)
        said = "tuning started" if started else "tuning was started before"
        logger.info(said, extra={"tuning_job": job.name, **tags})
        return replace(decision, why=f"{job.name} started: {why}", run=job.name)

    def _look(self, contract: DatasetContract, woken: Wake, commit: str) -> Found:
        index = Index(self._lake, self._repository(contract), commit)
        if not woken.ask and (lacks := unmoved(contract, index) or _stale(contract, index, self._readings)):
            return Found({}, lacks)
        features = features_at(self._lake, self._repository(contract), commit, recipe_digest(contract), index)
        splits = {split: features.made[split] for split in CHANNELS}
        if not features.missing:
            return Found(splits, self._unlearnable(contract, splits, features, index))
        lacks = (
            f"{features.files_missing} of {features.files} files have no features of recipe {recipe_digest(contract)}"
        )
        if woken.ask and woken.ask.commit:
            return Found(splits, f"{lacks} at commit {commit}, to which nothing is added: ask for the head of main")
        self._ask_for_features(contract, commit, woken)
        return Found(splits, f"{lacks} yet: remake_features makes them from the rows", under_way=True)

    def _job(self, contract: DatasetContract, woken: Wake, decision: Decision, splits: Objects, rows: Objects) -> Job:
        name = self._name(contract, woken, decision)
        return Job(
            name=name,
            image=self._image,
            role_arn=self._role_arn,
            manifests=self._manifests(contract.name, decision.commit, splits),
            output_uri=self._artifacts.uri(f"training/{contract.name}/{name}/"),
            kms_key_arn=self._kms_key_arn,
            data_bytes=_size(splits) + _size(rows),
            train_objects=len(splits[TRAIN]),
            parent=_parent(contract, decision),
            code=self._code(contract),
            rows=self._manifests(
                contract.name, decision.commit, {script.rows_channel(s): r for s, r in rows.items() if r}
            ),
            pairs=self._pairs(contract, decision.commit, splits, rows),
        )

    def _name(self, contract: DatasetContract, woken: Wake, decision: Decision) -> str:
        """An ask is for one job, also where contract or main change before it is told of again."""
        commit, training = decision.commit, fingerprint(contract, self._image)
        if woken.ask:
            commit, training = woken.ask.commit, ""
        return names.tuning_job(self._name_prefix, contract.name, commit, training, decision.key)

    def _code(self, contract: DatasetContract) -> str:
        """Where the contract's own program lies, by what is in it; empty for the built-in one."""
        program = contract.training.script
        if program is None:
            return ""
        key = names.program_key(names.digest(program, length=32))
        return self._artifacts.put(key, script.packed(program))

    def _rows(self, contract: DatasetContract, commit: str, splits: Objects) -> Objects:
        """The rows that a program finds its weights in; none for the built-in one, which counts each row once."""
        if contract.training.script is None or contract.weight is None:
            return {}
        repository = self._repository(contract)
        return {split: script.rows_of(self._lake, repository, commit, split, found) for split, found in splits.items()}

    def _pairs(self, contract: DatasetContract, commit: str, splits: Objects, rows: Objects) -> str:
        if not rows:
            return ""
        return self._artifacts.put(names.pairs_key(contract.name, commit), script.pairs(contract, splits, rows))

    def _tags(self, contract: DatasetContract, woken: Wake, commit: str, why: str) -> dict[str, str]:
        tags = {
            names.ENVIRONMENT_TAG: self._name_prefix,
            names.DATASET_TAG: contract.name,
            names.REPOSITORY_TAG: self._repository(contract),
            names.COMMIT_TAG: commit,
            names.CONTRACT_TAG: self._keep(contract),
            names.CORRELATION_TAG: woken.correlation_id,
            names.SEARCH_TAG: search_digest(contract),
            names.REASON_TAG: woken.reason,
            names.WHY_TAG: names.tag_value(why),
        }
        if woken.ask:
            tags |= {names.ASK_TAG: woken.ask.id, names.WHO_TAG: names.tag_value(woken.ask.who)}
            if woken.ask.commit and commit != self._lake.head(self._repository(contract)):
                tags[names.PINNED_TAG] = "true"
        return tags

    def _ask_for_features(self, contract: DatasetContract, commit: str, woken: Wake) -> None:
        self._remaker.publish(
            FeaturesMissing(
                dataset=contract.name,
                repository=self._repository(contract),
                commit=commit,
                recipe=recipe_digest(contract),
                correlation_id=woken.correlation_id,
            )
        )

    def _unlearnable(self, contract: DatasetContract, splits: Objects, features: Features, index: Index) -> str:
        """What main lacks to be learned from; empty when nothing."""
        if missing := lacking(contract, splits, self._labels):
            return missing
        # What people put on main is in no index: there the two classes that were seen must do.
        return "" if features.by_people else too_few(contract, index.counts())

    def _keep(self, contract: DatasetContract) -> str:
        """Put the contract where the model's requests will be judged by it; its digest."""
        digest = contract_digest(contract)
        self._artifacts.put(names.model_contract_key(digest), kept(contract))
        return digest

    def _manifests(self, dataset: str, commit: str, splits: Objects) -> dict[str, str]:
        return {
            split: self._artifacts.put(names.manifest_key(dataset, commit, split), manifest(objects))
            for split, objects in splits.items()
        }

    def _repository(self, contract: DatasetContract) -> str:
        return names.repository(self._name_prefix, contract.name)


def _size(splits: Objects) -> int:
    return sum(entry.size_bytes for objects in splits.values() for entry in objects)


def _stale(contract: DatasetContract, index: Index, readings: Readings) -> str:
    """How many files are not as the contract reads them now, and what to do; empty when all are.

    Where the contract only reads more than before, the rows on main are the same.
    """
    reading = reading_digest(contract)
    entries = [entry for _, entry in index.entries()]
    others = [entry.reading for entry in entries if entry.reading != reading]
    kept = readings.readings(contract.name) if others else frozenset()
    stale = sum(other not in kept for other in others)
    if not stale:
        return ""
    return (
        f"{stale} of {len(entries)} files are on main as an earlier contract read them: run `lakeloop replay "
        f"{contract.name}`, or `lakeloop train {contract.name}` to train on them as they are"
    )


def _parent(contract: DatasetContract, decision: Decision) -> str:
    """The job whose trials are learned from: the last that gave a model, of the same search; others are refused."""
    trained = decision.trained
    if not contract.training.warm_start or trained is None:
        return ""
    return trained.name if trained.tags.get(names.SEARCH_TAG) == search_digest(contract) else ""
