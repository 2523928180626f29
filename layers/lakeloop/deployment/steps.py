"""The steps of a deployment; each may be done again from its beginning."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from lakeloop import names
from lakeloop.deployment.decision import BROKEN
from lakeloop.deployment.plan import Plan
from lakeloop.deployment.ports import EndpointState, Evaluator, Hosting, Moves, Placement, Watch
from lakeloop.messages import JudgeAgain
from lakeloop.observability import metrics
from lakeloop.registry import lineage
from lakeloop.registry.ports import Approval, ModelVersions
from lakeloop.registry.wish import is_stale
from lakeloop.reports import StepReport, StepReports, now

# What an endpoint that never served has of configs that it should go back to.
NOTHING_ELSE = "none"


class Steps:
    def __init__(
        self,
        *,
        hosting: Hosting,
        placements: Moves,
        watch: Watch,
        registry: ModelVersions,
        evaluator: Evaluator,
        reports: StepReports,
    ) -> None:
        self._hosting = hosting
        self._placements = placements
        self._watch = watch
        self._registry = registry
        self._evaluator = evaluator
        self._reports = reports

    def create(self, plan: Plan, why: str) -> None:
        self._make(plan)
        self._hosting.create_endpoint(plan.endpoint, plan.wanted.config, _desired(plan))
        self.report(plan, why)

    def update(self, plan: Plan, why: str, *, watched: bool) -> str:
        """Begin the update, unless another model serves by now than the one beside which the wish was approved.

        Where nobody watches it, all requests move at once.
        """
        if _is_stale(plan):
            return self._judge_again(plan)
        self._make(plan)
        # The tags say what SageMaker has accepted: written before, they would hide an update that it refused.
        self._hosting.update_endpoint(plan.endpoint, plan.wanted.config, plan.move if watched else None)
        self.tag(plan, why, watched=watched)
        return why

    def build(self, plan: Plan, why: str) -> str:
        """Make the other endpoint of the wish, with the same reserve; callers know nothing of it yet."""
        if _is_stale(plan):
            return self._judge_again(plan)
        self._make(plan)
        self._hosting.create_endpoint(plan.other, plan.wanted.config, _desired(plan))
        self.report(plan, why)
        return why

    def switch(self, plan: Plan) -> None:
        """Send callers to the other endpoint: from one request to the next it is another name, contract and model."""
        self._placements.move(plan.dataset, Placement(plan.other, now()))
        self.settle(replace(plan, endpoint=plan.other, state=plan.beside.other))

    def retire(self, plan: Plan) -> None:
        self.settle(plan)
        # Of one that never came up the last word is that it failed.
        if plan.beside.other and plan.beside.other.status not in BROKEN:
            served = f"{plan.wanted.config} is in service on {plan.endpoint}"
            self.report(plan, f"version {plan.wish.version} serves: {served}")
        self._hosting.delete_endpoint(plan.other)

    def tag(self, plan: Plan, why: str, *, watched: bool = True) -> None:
        since = {names.WATCHED_TAG: now().isoformat(timespec="seconds") if watched else ""} if plan.move else {}
        self._hosting.tag_endpoint(plan.endpoint, {**_desired(plan), **since})
        self.report(plan, why)

    def settle(self, plan: Plan) -> None:
        """The wish serves: nothing else is approved from now on, and the endpoint's tags say what it is."""
        self._supersede(plan, {plan.wish.arn})
        settled = {names.SERVED_CONFIG_TAG: plan.wanted.config, names.MODEL_PACKAGE_TAG: plan.wish.arn}
        tags = {**_desired(plan), **settled}
        known = plan.state.tags if plan.state else {}
        if settled.items() - known.items():
            metrics.add_metric(name="DeploymentSucceeded", unit="Count", value=1)
            self.report(
                plan, f"version {plan.wish.version} serves{self._unseen(plan)}: {plan.wanted.config} is in service"
            )
        if tags.items() - known.items():
            self._hosting.tag_endpoint(plan.endpoint, tags)

    def _unseen(self, plan: Plan) -> str:
        """That no request came while alarms watched the update, so that its good end says nothing."""
        since = plan.state.tags.get(names.WATCHED_TAG, "") if plan.state and plan.move else ""
        if not since or self._watch.invocations(plan.endpoint, datetime.fromisoformat(since)):
            return ""
        return ", promoted without evidence, as nobody asked while it was watched"

    def reject(self, plan: Plan, why: str) -> None:
        """Mark the wish, so that nobody tries it again, and let the endpoint's tags say what it went back to."""
        self.fail(plan, f"version {plan.wish.version} is not served: {why}")
        self._decide(plan.wish.arn, Approval.REJECTED, why)
        if plan.beside.apart:
            self._hosting.delete_endpoint(plan.other)
        elif plan.state and plan.state.status in BROKEN:
            self.forget(plan.state)
        elif plan.state and plan.served:
            tags = {**plan.served.tags, names.DESIRED_CONFIG_TAG: plan.state.config}
            self._hosting.tag_endpoint(plan.endpoint, tags)

    def forget(self, state: EndpointState) -> None:
        """Let the tags of an endpoint that never came up name no config, so that a person may have it tried again."""
        if state.tags.get(names.DESIRED_CONFIG_TAG) != NOTHING_ELSE:
            self._hosting.tag_endpoint(state.name, {names.DESIRED_CONFIG_TAG: NOTHING_ELSE})

    def fail(self, plan: Plan, why: str) -> None:
        metrics.add_metric(name="DeploymentFailed", unit="Count", value=1)
        self.report(plan, why, good=False)

    def report(self, plan: Plan, why: str, *, good: bool = True) -> None:
        job = plan.wish.metadata.get(lineage.TUNING_JOB, "")
        self._reports.put(StepReport(dataset=plan.dataset, step="deploy_model", good=good, why=why, job=job))

    def _make(self, plan: Plan) -> None:
        self._supersede(plan, {plan.wish.arn, plan.serving})
        self._hosting.ensure_model(plan.model, plan.tags)
        self._hosting.ensure_config(plan.config, plan.tags)

    def _supersede(self, plan: Plan, kept: Collection[str]) -> None:
        for version in plan.approved:
            if version.arn not in kept:
                self._decide(version.arn, Approval.REJECTED, f"superseded by version {plan.wish.version}")

    def _judge_again(self, plan: Plan) -> str:
        """Ask first: an approval that is taken back and judged by nobody would be lost."""
        why = f"version {plan.wish.version} was approved beside a model that serves no longer: it is judged again"
        self.report(plan, why)
        job = plan.wish.metadata.get(lineage.TUNING_JOB, "")
        self._evaluator.publish(JudgeAgain(dataset=plan.dataset, tuning_job=job))
        pending = {lineage.RULED: Approval.PENDING, lineage.DECIDED_AT: now().isoformat(timespec="seconds")}
        self._registry.decide(plan.wish.arn, Approval.PENDING, why, pending)
        return why

    def _decide(self, arn: str, approval: Approval, why: str) -> None:
        decided = {lineage.DECIDED_BY: lineage.DEPLOYER, lineage.DECIDED_AT: now().isoformat(timespec="seconds")}
        self._registry.decide(arn, approval, why, decided)


def _is_stale(plan: Plan) -> bool:
    return plan.serving != plan.wish.arn and is_stale(plan.wish, plan.serving or lineage.NOBODY)


def _desired(plan: Plan) -> Mapping[str, str]:
    """What an endpoint says of what it is being brought to; what it serves it says when it does."""
    tags = {tag: value for tag, value in plan.tags.items() if tag != names.MODEL_PACKAGE_TAG}
    return {**tags, names.DESIRED_CONFIG_TAG: plan.wanted.config}
