"""What an endpoint should serve, beside what it serves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lakeloop import names
from lakeloop.contract.ports import Contracts
from lakeloop.deployment.decision import Wanted
from lakeloop.deployment.ports import EndpointState, Hosting, ServedConfig, Watch
from lakeloop.deployment.requests import alarms_of, config_request, model_request, move_request, tags_of_version
from lakeloop.registry.ports import Approval, ModelVersion, ModelVersions
from lakeloop.registry.wish import is_by_person, wished


@dataclass(frozen=True)
class Plan:
    """`approved` are all versions that might be meant, `wish` the one that is.

    `model` and `config` are the requests for what is to serve, with `tags`; `served` is what the present config is of.
    `move` is how requests come to another one, None where the contract does not say; `red` are its alarms that are so.
    """

    dataset: str
    endpoint: str
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
        watch: Watch,
        registry: ModelVersions,
        name_prefix: str,
        role_arn: str,
    ) -> None:
        self._contracts = contracts
        self._hosting = hosting
        self._watch = watch
        self._registry = registry
        self._name_prefix = name_prefix
        self._role_arn = role_arn

    def plan(self, endpoint: str) -> Plan | None:
        """None where no version is approved."""
        approved = list(self._registry.versions(endpoint, Approval.APPROVED))
        wish = wished(approved)
        if wish is None:
            return None
        dataset = names.dataset_of(self._name_prefix, endpoint)
        serving = self._contracts.get(dataset).serving
        model = model_request(endpoint, wish.artifact, serving, image=wish.image, role_arn=self._role_arn)
        state = self._hosting.endpoint(endpoint)
        return Plan(
            dataset=dataset,
            endpoint=endpoint,
            wish=wish,
            approved=approved,
            model=model,
            config=config_request(endpoint, model["ModelName"], serving),
            tags=tags_of_version(wish, self._name_prefix, dataset),
            state=state,
            served=self._hosting.served(state.config) if state and self.is_ours(state) else None,
            move=move_request(endpoint, serving),
            red=self._watch.red(alarms_of(endpoint, serving.traffic)) if state and serving.traffic else (),
        )

    def is_ours(self, state: EndpointState) -> bool:
        return state.tags.get(names.ENVIRONMENT_TAG) == self._name_prefix
