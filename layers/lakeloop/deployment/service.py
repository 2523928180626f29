"""Deploys the best model of a tuning job, and tells how deployments ended."""

from collections.abc import Iterable
from datetime import datetime

from lakeloop import names
from lakeloop.contract.ports import Contracts
from lakeloop.deployment.decision import Action, decide, outcome
from lakeloop.deployment.ports import EndpointState, Hosting, TrainedModel
from lakeloop.deployment.requests import config_request, model_request
from lakeloop.errors import LakeloopError, PermanentError, TransientError
from lakeloop.messages import Message
from lakeloop.observability import logger, metrics
from lakeloop.reports import StepReport, StepReports
from lakeloop.state_changes import TuningStateChange, parse

ENDED = frozenset({"Completed", "Failed", "Stopped"})


class DeploymentService:
    """The work of `deploy_model`: acts on state it has asked for, never on what an event claims."""

    def __init__(
        self,
        *,
        contracts: Contracts,
        hosting: Hosting,
        reports: StepReports,
        name_prefix: str,
        image: str,
        role_arn: str,
    ) -> None:
        self._contracts = contracts
        self._hosting = hosting
        self._reports = reports
        self._name_prefix = name_prefix
        self._image = image
        self._role_arn = role_arn

    def handle(self, message: Message) -> None:
        change = parse(message.body)
        if isinstance(change, TuningStateChange):
            self._tuning_ended(change.detail.name)
        else:
            self._endpoint_changed(change.detail.name)

    def serve_as_contracts_say(self, datasets: Iterable[str]) -> dict[str, str]:
        """Bring endpoints to a changed `serving` section with the model they have; by dataset, what became of it.

        What cannot be done now is done when the endpoint settles, whose event comes here too.
        """
        results = {}
        for dataset in datasets:
            try:
                results[dataset] = self._serve_as_contract_says(names.endpoint(self._name_prefix, dataset))
            except LakeloopError as error:
                logger.warning("serving is not as the contract says", extra={"dataset": dataset, "why": str(error)})
                results[dataset] = str(error)
        return results

    def _tuning_ended(self, tuning_job: str) -> None:
        if not self._started(tuning_job):
            logger.info("a tuning job of somebody else ended", extra={"tuning_job": tuning_job})
            return
        status, reason = self._hosting.tuning_status(tuning_job)
        if status not in ENDED:
            raise TransientError(f"{tuning_job} is {status}, though an event says that it ended", subject=tuning_job)
        # A person who stops a job early keeps the best of what it found.
        trained = self._hosting.best_model(tuning_job)
        if trained is None:
            metrics.add_metric(name="TuningWithoutModel", unit="Count", value=1)
            logger.error("tuning gave no model", extra={"tuning_job": tuning_job, "status": status, "reason": reason})
            return
        self._deploy(trained)

    def _started(self, tuning_job: str) -> bool:
        """Whether this environment did; jobs of names that are none of ours may not even be asked for."""
        if not names.is_tuning_job(self._name_prefix, tuning_job):
            return False
        tags = self._hosting.tuning_tags(tuning_job)
        return tags.get(names.ENVIRONMENT_TAG) == self._name_prefix and names.DATASET_TAG in tags

    def _endpoint_changed(self, endpoint: str) -> None:
        state = self._hosting.endpoint(endpoint)
        if state is None or not self._is_ours(state):
            return
        result = outcome(state)
        if not result.done:
            return
        extra = {"endpoint": endpoint, "why": result.why, "tags": state.tags}
        if result.good:
            metrics.add_metric(name="DeploymentSucceeded", unit="Count", value=1)
            logger.info("deployed", extra=extra)
        else:
            metrics.add_metric(name="DeploymentFailed", unit="Count", value=1)
            logger.error("deployment failed", extra=extra)
        self._report(state.tags[names.DATASET_TAG], result.why, state.tags.get(names.TUNING_JOB_TAG, ""), result.good)
        if result.good:
            self._serve_as_contract_says(endpoint)

    def _serve_as_contract_says(self, endpoint: str) -> str:
        state = self._hosting.endpoint(endpoint)
        if state is None or not self._is_ours(state):
            return "no endpoint yet"
        trained = self._hosting.best_model(self._job_of(state))
        if trained is None:
            return f"the tuning job of {state.config} is gone: the next training brings the change"
        return self._deploy(trained)

    def _deploy(self, trained: TrainedModel) -> str:
        """What was done and why."""
        dataset = trained.tags[names.DATASET_TAG]
        try:
            return self._bring(dataset, trained)
        except LakeloopError as error:
            self._report(dataset, str(error), trained.tuning_job, good=isinstance(error, TransientError))
            raise

    def _bring(self, dataset: str, trained: TrainedModel) -> str:
        serving = self._contracts.get(dataset).serving
        endpoint = names.endpoint(self._name_prefix, dataset)
        model = model_request(endpoint, trained, serving, image=self._image, role_arn=self._role_arn)
        request = config_request(endpoint, model["ModelName"], serving)
        config = request["EndpointConfigName"]
        tags = {
            **trained.tags,
            names.TUNING_JOB_TAG: trained.tuning_job,
            names.TUNING_STATUS_TAG: trained.status,
            names.TRAINING_JOB_TAG: trained.training_job,
        }
        self._hosting.ensure_model(model, tags)
        self._hosting.ensure_config(request, tags)
        return self._act(endpoint, config, trained, {**tags, names.DESIRED_CONFIG_TAG: config})

    def _act(self, endpoint: str, config: str, trained: TrainedModel, tags: dict[str, str]) -> str:
        state = self._hosting.endpoint(endpoint)
        decision = decide(
            state, config=config, owner=self._name_prefix, trained=trained.created, deployed=self._deployed(state)
        )
        extra = {"endpoint": endpoint, "config": config, "action": decision.action.value, "why": decision.why}
        logger.info("deploy?", extra=extra)
        match decision.action:
            case Action.CREATE:
                self._hosting.create_endpoint(endpoint, config, tags)
            case Action.UPDATE:
                # The tags say what SageMaker has accepted: written before, they would hide an update that it refused.
                self._hosting.update_endpoint(endpoint, config)
                self._hosting.tag_endpoint(endpoint, tags)
            case Action.TAG:
                self._hosting.tag_endpoint(endpoint, tags)
            case Action.RECREATE:
                self._hosting.delete_endpoint(endpoint)
                raise TransientError(
                    f"{endpoint} had failed and is being deleted; the next try creates it", subject=endpoint
                )
            case Action.WAIT:
                raise TransientError(f"{endpoint} cannot be updated now: {decision.why}", subject=endpoint)
            case Action.REFUSE:
                raise PermanentError(decision.why, subject=endpoint)
            case Action.SKIP:
                # What is told of the dataset stays about the newer model.
                return decision.why
        idle = decision.action is Action.NOTHING
        why = decision.why if idle else f"{decision.action.value} {config}: {decision.why}"
        self._report(trained.tags[names.DATASET_TAG], why, trained.tuning_job)
        return why

    def _deployed(self, state: EndpointState | None) -> datetime | None:
        tuning_job = self._job_of(state) if state and self._is_ours(state) else ""
        return self._hosting.tuning_created(tuning_job) if tuning_job else None

    def _job_of(self, state: EndpointState) -> str:
        """The tuning job of what the endpoint serves or is being brought to: tags of a config never change."""
        return self._hosting.config_tags(state.pending or state.config).get(names.TUNING_JOB_TAG, "")

    def _is_ours(self, state: EndpointState) -> bool:
        return state.tags.get(names.ENVIRONMENT_TAG) == self._name_prefix

    def _report(self, dataset: str, why: str, job: str, good: bool = True) -> None:
        self._reports.put(StepReport(dataset=dataset, step="deploy_model", good=good, why=why, job=job))
