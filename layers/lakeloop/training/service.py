"""Starts tuning on the head of main once enough of it is new."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta

from lakeloop import names
from lakeloop.artifacts import Artifacts
from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import contract_digest, kept, recipe_digest
from lakeloop.contract.ports import Contracts
from lakeloop.errors import ForeignObjectError, LakeloopError, TransientError, UnreadableObjectError
from lakeloop.lake.features import Features, features_at
from lakeloop.lake.index import Index
from lakeloop.lake.ports import Lake, LakeObject
from lakeloop.messages import FeaturesMissing, Message
from lakeloop.observability import logger, metrics
from lakeloop.reports import StepReport, StepReports, now
from lakeloop.training.classes import lacking, too_few
from lakeloop.training.decision import Decision, decide
from lakeloop.training.failure import explained
from lakeloop.training.manifest import manifest
from lakeloop.training.new_rows import counting
from lakeloop.training.ports import Footers, Labels, Lease, Leases, Remaker, Tuner, TuningRun
from lakeloop.training.tuning_job import Job, fingerprint, tuning_request
from lakeloop.training.wake import Wake, wake

CHANNELS = ("train", "validation")
# Longer than the function may run, so that whoever lost it is dead; then the next one takes over.
LEASE_SECONDS = 90
# The end of a job is told within seconds, and told again for hours while deploy_model cannot be reached.
DEPLOYED_WITHIN = timedelta(hours=1)


class TrainingService:
    """The work of `start_tuning`. A message only wakes it: it decides on main as it is, so order does not matter."""

    def __init__(
        self,
        *,
        contracts: Contracts,
        lake: Lake,
        artifacts: Artifacts,
        tuner: Tuner,
        leases: Leases,
        labels: Labels,
        footers: Footers,
        remaker: Remaker,
        reports: StepReports,
        name_prefix: str,
        image: str,
        role_arn: str,
        kms_key_arn: str,
    ) -> None:
        self._contracts = contracts
        self._lake = lake
        self._artifacts = artifacts
        self._tuner = tuner
        self._leases = leases
        self._labels = labels
        self._footers = footers
        self._remaker = remaker
        self._reports = reports
        self._name_prefix = name_prefix
        self._image = image
        self._role_arn = role_arn
        self._kms_key_arn = kms_key_arn

    def handle(self, message: Message) -> None:
        woken = wake(message, self._tuner)
        if woken is None:
            logger.info("a tuning job of somebody else ended")
            return
        contract = self._contracts.get(woken.dataset)
        if contract.problem is None:
            logger.info("nothing is learned from this dataset", extra={"dataset": contract.name})
            return
        decision = self._decide(contract)
        if decision.start:
            decision = self._alone(contract, woken)
        self._tell(contract, decision)
        if decision.wait:
            raise TransientError(decision.why, subject=decision.run)

    def _decide(self, contract: DatasetContract, noted: str = "") -> Decision:
        repository = self._repository(contract)
        head = self._lake.head(repository)
        try:
            return decide(
                contract.retrain,
                head=head,
                log=self._lake.log(repository, head),
                runs=self._runs(contract.name, noted),
                contract=contract_digest(contract),
                now=now(),
                count=counting(self._lake, self._footers, repository, head, contract.retrain.min_new_rows),
            )
        except (ForeignObjectError, UnreadableObjectError) as error:
            self._report(contract.name, str(error), good=False, commit=head)
            raise

    def _runs(self, dataset: str, noted: str) -> Iterator[TuningRun]:
        """The jobs, newest first, with the noted one, which SageMaker may not list yet."""
        listed = self._tuner.runs(dataset)
        latest = next(listed, None)
        if noted and (latest is None or latest.name != noted):
            run = self._tuner.run(noted)
            if run and (latest is None or run.created > latest.created):
                yield run
        if latest:
            yield latest
        yield from listed

    def _alone(self, contract: DatasetContract, woken: Wake) -> Decision:
        """Decide again while nobody else does, and start."""
        with self._holding(contract.name) as lease:
            decision = self._decide(contract, lease.job)
            if not decision.start:
                return decision
            try:
                return self._start(contract, woken, decision, lease)
            except LakeloopError as error:
                self._report(contract.name, str(error), good=False, commit=decision.commit)
                raise

    @contextmanager
    def _holding(self, dataset: str) -> Iterator[Lease]:
        """The lease on a dataset, given back at the end, and after its time where the process is killed."""
        lease = self._leases.take(dataset, LEASE_SECONDS)
        try:
            yield lease
        except Exception:
            _let_go(lease)
            raise
        _let_go(lease)

    def _start(self, contract: DatasetContract, woken: Wake, decision: Decision, lease: Lease) -> Decision:
        """Pin the job to the commit: its name, its manifests and its tags all say which."""
        repository = self._repository(contract)
        commit = decision.commit
        index = Index(self._lake, repository, commit)
        features = features_at(self._lake, repository, commit, recipe_digest(contract), index)
        if waits := self._unmade(contract, features, commit, woken) or self._unlearnable(contract, features, index):
            return Decision(start=False, why=waits, commit=commit)
        splits = {split: features.made[split] for split in CHANNELS}
        training = fingerprint(contract, self._image)
        job = names.tuning_job(self._name_prefix, contract.name, commit, training, decision.attempt)
        request = tuning_request(
            contract,
            Job(
                name=job,
                image=self._image,
                role_arn=self._role_arn,
                manifests=self._manifests(contract.name, commit, splits),
                output_uri=self._artifacts.uri(f"training/{contract.name}/{job}/"),
                kms_key_arn=self._kms_key_arn,
                data_bytes=sum(entry.size_bytes for objects in splits.values() for entry in objects),
                train_objects=len(splits["train"]),
            ),
        )
        tags = {
            names.ENVIRONMENT_TAG: self._name_prefix,
            names.DATASET_TAG: contract.name,
            names.REPOSITORY_TAG: repository,
            names.COMMIT_TAG: commit,
            names.CONTRACT_TAG: self._keep(contract),
            names.CORRELATION_TAG: woken.correlation_id,
        }
        lease.note(job)
        started = self._tuner.start(request, tags)
        logger.info("tuning started" if started else "tuning was started before", extra={"tuning_job": job, **tags})
        return replace(decision, why=f"{job} started: {decision.why}", run=job)

    def _unmade(self, contract: DatasetContract, features: Features, commit: str, woken: Wake) -> str:
        """Ask for features that are missing; a sentence that says so, empty when none are."""
        if not features.missing:
            return ""
        recipe = recipe_digest(contract)
        self._remaker.publish(
            FeaturesMissing(
                dataset=contract.name,
                repository=self._repository(contract),
                commit=commit,
                recipe=recipe,
                correlation_id=woken.correlation_id,
            )
        )
        return (
            f"{features.files_missing} of {features.files} files have no features of recipe {recipe} yet: "
            "remake_features makes them from the rows"
        )

    def _unlearnable(self, contract: DatasetContract, features: Features, index: Index) -> str:
        """What main lacks to be learned from; empty when nothing."""
        splits = {split: features.made[split] for split in CHANNELS}
        if missing := lacking(contract, splits, self._labels):
            return missing
        # What people put on main is in no index: there the two classes that were seen must do.
        return "" if features.by_people else too_few(contract, index.counts())

    def _keep(self, contract: DatasetContract) -> str:
        """Put the contract where the model's requests will be judged by it; its digest."""
        digest = contract_digest(contract)
        self._artifacts.put(names.model_contract_key(digest), kept(contract))
        return digest

    def _manifests(self, dataset: str, commit: str, splits: Mapping[str, Sequence[LakeObject]]) -> dict[str, str]:
        return {
            split: self._artifacts.put(names.manifest_key(dataset, commit, split), manifest(objects))
            for split, objects in splits.items()
        }

    def _repository(self, contract: DatasetContract) -> str:
        return names.repository(self._name_prefix, contract.name)

    def _tell(self, contract: DatasetContract, decision: Decision) -> None:
        why = decision.why
        if not decision.good:
            why = f"{why}. Its reason: {explained(self._tuner.failure(decision.run))}"
        lost = self._lost(contract.name, decision)
        if lost:
            metrics.add_metric(name="ModelNotDeployed", unit="Count", value=1)
            why = f"{why}. {lost}"
        logger.info("retrain?", extra={"dataset": contract.name, "start": decision.start, "why": why})
        good = decision.good and not lost
        self._report(contract.name, why, good=good, job=decision.run, commit=decision.commit)

    def _report(self, dataset: str, why: str, *, good: bool, commit: str, job: str = "") -> None:
        report = StepReport(dataset=dataset, step="start_tuning", good=good, why=why, job=job, commit=commit)
        self._reports.put(report)

    def _lost(self, dataset: str, decision: Decision) -> str:
        """What became of the last model where deploy_model never said anything of it; empty where all is well."""
        trained = decision.trained
        if trained is None or now() - (trained.ended or trained.created) < DEPLOYED_WITHIN:
            return ""
        said = self._reports.get(dataset, "deploy_model")
        if said and said.job == trained.name:
            return ""
        return (
            f"deploy_model never heard that {trained.name} ended, so its model is not deployed: send the event again, "
            "or wait for the next model"
        )


def _let_go(lease: Lease) -> None:
    # What went to somebody else meanwhile needs no giving back.
    with suppress(TransientError):
        lease.release()
