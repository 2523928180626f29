"""Brings endpoints to the versions that are approved, and tells how deployments ended."""

from collections.abc import Iterable

from lakeloop import names
from lakeloop.contract.ports import Contracts
from lakeloop.deployment.decision import BROKEN, BUSY, Action, Decision, decide
from lakeloop.deployment.plan import Plan, Planner
from lakeloop.deployment.ports import Evaluator, Hosting, Moves, Switches, Watch
from lakeloop.deployment.steps import Steps
from lakeloop.errors import LakeloopError, PermanentError, TransientError
from lakeloop.messages import Message
from lakeloop.observability import logger
from lakeloop.registry.ports import ModelVersions
from lakeloop.reports import StepReports
from lakeloop.serving.ports import ModelContracts
from lakeloop.state_changes import EndpointStateChange, PackageStateChange, parse

SWITCHED_OFF = "a person switched the endpoint off: `lakeloop endpoint on` brings it back"
NOT_APPROVED = "no version is approved: the next training brings one, or a person approves one"


class DeploymentService:
    """The work of `deploy_model`: acts on state it has asked for, never on what an event claims."""

    def __init__(
        self,
        *,
        contracts: Contracts,
        hosting: Hosting,
        placements: Moves,
        model_contracts: ModelContracts,
        watch: Watch,
        registry: ModelVersions,
        evaluator: Evaluator,
        switches: Switches,
        reports: StepReports,
        name_prefix: str,
        role_arn: str,
    ) -> None:
        self._hosting = hosting
        self._switches = switches
        self._planner = Planner(
            contracts=contracts,
            hosting=hosting,
            placements=placements,
            model_contracts=model_contracts,
            watch=watch,
            registry=registry,
            name_prefix=name_prefix,
            role_arn=role_arn,
        )
        self._steps = Steps(
            hosting=hosting,
            placements=placements,
            watch=watch,
            registry=registry,
            evaluator=evaluator,
            reports=reports,
        )
        self._name_prefix = name_prefix

    def handle(self, message: Message) -> None:
        change = parse(message.body)
        if isinstance(change, PackageStateChange):
            self._bring(names.dataset_of(self._name_prefix, change.detail.group))
        elif isinstance(change, EndpointStateChange):
            self._endpoint_changed(change.detail.name)
        else:
            raise PermanentError(f"deploy_model was told of a {change.detail_type}: run `terraform apply`")

    def serve_as_contracts_say(self, datasets: Iterable[str]) -> dict[str, str]:
        """Bring endpoints to a changed `serving` section with the model they have; by dataset, what became of it.

        What cannot be done now is done when the endpoint settles, whose event comes here too.
        """
        results = {}
        for dataset in datasets:
            try:
                state = self._planner.current(dataset)
                ours = state is not None and state.is_of(self._name_prefix)
                results[dataset] = self._bring(dataset) if ours else "no endpoint yet"
            except LakeloopError as error:
                logger.warning("serving is not as the contract says", extra={"dataset": dataset, "why": str(error)})
                results[dataset] = str(error)
        return results

    def _endpoint_changed(self, endpoint: str) -> None:
        """An endpoint that somebody deleted, or that failed by itself, waits for the next approval."""
        state = self._hosting.endpoint(endpoint)
        if state is None or not state.is_of(self._name_prefix) or state.status in BUSY:
            return
        self._bring(names.dataset_of(self._name_prefix, endpoint), told_of_it=True)

    def _bring(self, dataset: str, *, told_of_it: bool = False) -> str:
        """What was done about a dataset's endpoint and why; `told_of_it` where SageMaker woke us."""
        if self._switches.is_off(dataset):
            return SWITCHED_OFF
        plan = self._planner.plan(dataset)
        if plan is None:
            return self._unwanted(dataset)
        decision = decide(
            plan.state,
            plan.wanted,
            owner=self._name_prefix,
            serving=plan.serving,
            red=plan.red,
            beside=plan.beside,
        )
        extra = {"endpoint": plan.endpoint, "wish": plan.wish.arn, "action": decision.action.value, "why": decision.why}
        logger.info("deploy?", extra=extra)
        if told_of_it and plan.state and plan.state.status in BROKEN and decision.action is Action.RECREATE:
            self._steps.fail(plan, f"the endpoint is {plan.state.status}: {plan.state.failure_reason}")
            return decision.why
        try:
            return self._act(plan, decision)
        except LakeloopError as error:
            self._steps.report(plan, str(error), good=isinstance(error, TransientError))
            raise

    def _unwanted(self, dataset: str) -> str:
        state = self._planner.current(dataset)
        if state and state.is_of(self._name_prefix) and state.status in BROKEN:
            self._steps.forget(state)
        return NOT_APPROVED

    def _act(self, plan: Plan, decision: Decision) -> str:
        why = f"{decision.action.value} version {plan.wish.version}: {decision.why}"
        match decision.action:
            case Action.CREATE:
                self._steps.create(plan, why)
            case Action.UPDATE | Action.UPDATE_AT_ONCE:
                return self._steps.update(plan, why, watched=decision.action is Action.UPDATE)
            case Action.BUILD:
                return self._steps.build(plan, why)
            case Action.RETIRE:
                self._steps.retire(plan)
            case Action.TAG:
                self._steps.tag(plan, why)
            case Action.SETTLE:
                self._steps.settle(plan)
            case Action.REJECT:
                self._steps.reject(plan, decision.why)
            case Action.FAIL:
                self._steps.fail(plan, decision.why)
            case _:
                self._not_now(plan, decision)
        return why

    def _not_now(self, plan: Plan, decision: Decision) -> None:
        """What goes on when the message comes again."""
        serves = f"version {plan.wish.version} serves"
        if decision.action is Action.SWITCH:
            self._steps.switch(plan)
            why = f"{serves} on {plan.other}; {plan.endpoint} goes when all who answer requests know that"
            raise TransientError(why, subject=plan.endpoint)
        if decision.action is Action.LINGER:
            self._steps.settle(plan)
            why = f"{serves} on {plan.endpoint}; {plan.other} goes when all who answer requests know that"
            raise TransientError(why, subject=plan.other)
        if decision.action is Action.CLEAR:
            self._hosting.delete_endpoint(plan.other)
            raise TransientError(f"{decision.why}: it is being deleted, and made anew then", subject=plan.other)
        if decision.action is Action.RECREATE:
            self._hosting.delete_endpoint(plan.endpoint)
            why = f"{plan.endpoint} had failed and is being deleted; the next try creates it"
            raise TransientError(why, subject=plan.endpoint)
        if decision.action in (Action.WAIT, Action.POSTPONE):
            raise TransientError(f"{plan.endpoint} cannot be updated now: {decision.why}", subject=plan.endpoint)
        if decision.action is Action.REFUSE:
            raise PermanentError(decision.why, subject=plan.endpoint)
