"""What an endpoint should serve, beside what it serves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import recipe_digest
from lakeloop.contract.ports import Contracts
from lakeloop.deployment.decision import ANSWERING, Beside, Wanted
from lakeloop.deployment.ports import EndpointState, Hosting, Placements, ServedConfig, Watch
from lakeloop.deployment.requests import alarms_of, config_request, model_request, move_request, tags_of_version
from lakeloop.errors import PredictionError
from lakeloop.registry import lineage
from lakeloop.registry.ports import Approval, ModelVersion, ModelVersions
from lakeloop.registry.wish import is_by_person, wished
from lakeloop.reports import now
from lakeloop.serving.ports import ModelContracts

# A function that answers requests knows of another endpoint after ten seconds, and may have asked the one before for
# half a minute then.
CALLERS_KNOW_AFTER = timedelta(minutes=1)


@dataclass(frozen=True)
class Plan:
    """`approved` are all versions that might be meant, `wish` the one that is.

    `endpoint` is the one that callers are sent to, `other` the name of the dataset's other one, `beside` what it is.
    `model` and `config` are the requests for what is to serve, with `tags`; `served` is what the present config is of.
    `move` is how requests come to another one, None where the contract does not say; `red` are its alarms that are so.
    """

    dataset: str
    endpoint: str
    other: str
    beside: Beside
    wish: ModelVersion
    approved: Sequence[ModelVersion]
    model: Mapping[str, object]
    config: Mapping[str, object]
    tags: Mapping[str, str]
    state: EndpointState | None
    served: ServedConfig | None
    move: Mapping[str, object] | None
    red: Sequence[str]

    @property
    def wanted(self) -> Wanted:
        return Wanted(str(self.config["EndpointConfigName"]), self.wish.arn, by_person=is_by_person(self.wish))

    @property
    def serving(self) -> str:
        """The version that serves, empty where none does."""
        return self.served.version if self.served else ""


class Planner:
    def __init__(
        self,
        *,
        contracts: Contracts,
        hosting: Hosting,
        placements: Placements,
        model_contracts: ModelContracts,
        watch: Watch,
        registry: ModelVersions,
        name_prefix: str,
        role_arn: str,
    ) -> None:
        self._contracts = contracts
        self._hosting = hosting
        self._placements = placements
        self._model_contracts = model_contracts
        self._watch = watch
        self._registry = registry
        self._name_prefix = name_prefix
        self._role_arn = role_arn

    def plan(self, dataset: str) -> Plan | None:
        """None where no version is approved."""
        group = names.endpoint(self._name_prefix, dataset)
        approved = list(self._registry.versions(group, Approval.APPROVED))
        wish = wished(approved)
        if wish is None:
            return None
        contract = self._contracts.get(dataset)
        serving = contract.serving
        model = model_request(group, wish.artifact, serving, image=wish.image, role_arn=self._role_arn)
        placement = self._placements.of(dataset)
        other = names.beside(self._name_prefix, placement.endpoint)
        state = self._hosting.endpoint(placement.endpoint)
        served = self._hosting.served(state.config) if state and state.is_of(self._name_prefix) else None
        return Plan(
            dataset=dataset,
            endpoint=placement.endpoint,
            other=other,
            beside=Beside(
                self._hosting.endpoint(other),
                apart=bool(state and state.status in ANSWERING and served and self._apart(served, wish, contract)),
                known=placement.since is None or now() - placement.since >= CALLERS_KNOW_AFTER,
            ),
            wish=wish,
            approved=approved,
            model=model,
            config=config_request(group, model["ModelName"], serving),
            tags=tags_of_version(wish, self._name_prefix, dataset),
            state=state,
            served=served,
            move=move_request(placement.endpoint, serving),
            red=self._watch.red(alarms_of(placement.endpoint, serving.traffic)) if state and serving.traffic else (),
        )

    def current(self, dataset: str) -> EndpointState | None:
        """The endpoint that callers are sent to."""
        return self._hosting.endpoint(self._placements.of(dataset).endpoint)

    def _apart(self, served: ServedConfig, wish: ModelVersion, today: DatasetContract) -> bool:
        """Whether what serves and the wish make other numbers of a row, or mean other classes by theirs."""
        before, after = served.tags.get(names.CONTRACT_TAG, ""), wish.metadata.get(lineage.CONTRACT, "")
        if before == after or served.version == wish.arn:
            return False
        try:
            old, new = (self._model_contracts.get(kept) if kept else today for kept in (before, after))
        except PredictionError:
            # One of them is gone: what it made of rows nobody knows.
            return True
        return recipe_digest(old) != recipe_digest(new)
