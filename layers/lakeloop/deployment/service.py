"""Deploys the best model of a tuning job, and tells how deployments ended."""

from datetime import datetime

from lakeloop import names
from lakeloop.contract.ports import Contracts
from lakeloop.deployment.decision import Action, decide, outcome
from lakeloop.deployment.events import TuningStateChange, parse
from lakeloop.deployment.ports import EndpointState, Hosting, TrainedModel
from lakeloop.deployment.requests import config_request, model_request
from lakeloop.errors import TransientError
from lakeloop.messages import Message
from lakeloop.observability import logger, metrics


class DeploymentService:
    """The work of `deploy_model`: acts on state it has asked for, never on what an event claims."""

    def __init__(self, *, contracts: Contracts, hosting: Hosting, name_prefix: str, image: str, role_arn: str) -> None:
        self._contracts = contracts
        self._hosting = hosting
        self._name_prefix = name_prefix
        self._image = image
        self._role_arn = role_arn

    def handle(self, message: Message) -> None:
        change = parse(message.body)
        if isinstance(change, TuningStateChange):
            self._tuning_ended(change.detail.name)
        else:
            self._endpoint_changed(change.detail.name)

    def _tuning_ended(self, tuning_job: str) -> None:
        status, reason = self._hosting.tuning_status(tuning_job)
        trained = self._hosting.best_model(tuning_job) if status == "Completed" else None
        if trained is None:
            metrics.add_metric(name="TuningWithoutModel", unit="Count", value=1)
            logger.error("tuning gave no model", extra={"tuning_job": tuning_job, "status": status, "reason": reason})
            return
        self._deploy(trained)

    def _deploy(self, trained: TrainedModel) -> None:
        contract = self._contracts.get(trained.tags[names.DATASET_TAG])
        endpoint = names.endpoint(self._name_prefix, contract.name)
        model = model_request(endpoint, trained, contract.serving, image=self._image, role_arn=self._role_arn)
        config = config_request(endpoint, model["ModelName"], contract.serving)
        tags = {**trained.tags, names.TUNING_JOB_TAG: trained.tuning_job, names.TRAINING_JOB_TAG: trained.training_job}
        self._hosting.ensure_model(model, tags)
        self._hosting.ensure_config(config, tags)
        self._bring(endpoint, config["EndpointConfigName"], trained, tags)

    def _bring(self, endpoint: str, config: str, trained: TrainedModel, tags: dict[str, str]) -> None:
        state = self._hosting.endpoint(endpoint)
        decision = decide(state, config=config, trained=trained.created, deployed=self._deployed(state))
        logger.info(
            "deploy?",
            extra={"endpoint": endpoint, "config": config, "action": decision.action.value, "why": decision.why},
        )
        desired = {**tags, names.DESIRED_CONFIG_TAG: config}
        match decision.action:
            case Action.CREATE:
                self._hosting.create_endpoint(endpoint, config, desired)
            case Action.UPDATE:
                self._hosting.update_endpoint(endpoint, config, desired)
            case Action.RECREATE:
                self._hosting.delete_endpoint(endpoint)
                raise TransientError(
                    f"{endpoint} had failed and is being deleted; the next try creates it", subject=endpoint
                )
            case Action.WAIT:
                raise TransientError(f"{endpoint} cannot be updated now: {decision.why}", subject=endpoint)

    def _deployed(self, state: EndpointState | None) -> datetime | None:
        tuning_job = state.tags.get(names.TUNING_JOB_TAG) if state else None
        return self._hosting.tuning_created(tuning_job) if tuning_job else None

    def _endpoint_changed(self, endpoint: str) -> None:
        state = self._hosting.endpoint(endpoint)
        if state is None:
            return
        result = outcome(state)
        extra = {"endpoint": endpoint, "why": result.why, "tags": state.tags}
        if result.done and not result.good:
            metrics.add_metric(name="DeploymentFailed", unit="Count", value=1)
            logger.error("deployment failed", extra=extra)
        elif result.done:
            metrics.add_metric(name="DeploymentSucceeded", unit="Count", value=1)
            logger.info("deployed", extra=extra)
