"""What `terraform apply` and `terraform destroy` are told, and what stays as it was when they are told no."""

import io
import json
import zipfile
from collections.abc import Iterator
from types import ModuleType
from typing import ClassVar

import boto3
import pytest
from moto import mock_aws

from lakeloop import names
from lakeloop.adapters.reaper import Reaped
from lakeloop.adapters.s3 import S3Approval
from lakeloop.contract.changes import MisreadDataError
from lakeloop.errors import StillHoldsDataError
from tests.data import tiny
from tests.unit.client.deployed import deploy_contracts
from tests.unit.lambdas.handlers import Context, load

OLD = tiny()
# The number 0 on main would mean what 1 means now.
TURNED = tiny(splits={"fractions": {"train": 0.6, "validation": 0.2, "test": 0.2}, "seed": 1})


class TestApproval:
    @pytest.fixture
    def bootstrap(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
        with mock_aws():
            key = json.dumps({"access_key_id": "id", "secret_access_key": "s"})
            secrets = boto3.client(
                "secretsmanager", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
            )
            secret = secrets.create_secret(Name="lakefs", SecretString=key)["ARN"]
            lake = {"LAKEFS_ENDPOINT": "http://127.0.0.1:1", "LAKEFS_SECRET_ARN": secret, "LAKE_BUCKET": "lake"}
            module = load(monkeypatch, "bootstrap_lake", **lake)
            module.s3.create_bucket(Bucket="artifacts")
            module.s3.put_bucket_versioning(Bucket="artifacts", VersioningConfiguration={"Status": "Enabled"})
            monkeypatch.setattr(module.lake, "holds_data", lambda _repository: True)
            yield module

    def test_remembers_the_contracts_that_the_next_apply_is_held_against(self, bootstrap: ModuleType) -> None:
        index = deploy_contracts(bootstrap.s3, "artifacts", OLD)

        assert bootstrap.handler({"tf": {"action": "create"}, "approve": index}, Context()) == {"approved": [OLD.name]}

        assert S3Approval(bootstrap.s3, "artifacts").read(OLD.name) == OLD

    def test_is_refused_to_a_contract_that_misreads_main_and_the_old_one_stays_approved(
        self, bootstrap: ModuleType
    ) -> None:
        bootstrap.handler({"approve": deploy_contracts(bootstrap.s3, "artifacts", OLD)}, Context())
        turned = deploy_contracts(bootstrap.s3, "artifacts", TURNED)

        with pytest.raises(MisreadDataError, match=r"splits.seed: was 0, is 1"):
            bootstrap.handler({"approve": turned}, Context())

        assert S3Approval(bootstrap.s3, "artifacts").read(OLD.name) == OLD

    def test_is_given_where_main_holds_no_data(self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
        bootstrap.handler({"approve": deploy_contracts(bootstrap.s3, "artifacts", OLD)}, Context())
        asked: list[str] = []
        monkeypatch.setattr(bootstrap.lake, "holds_data", asked.append)

        bootstrap.handler({"approve": deploy_contracts(bootstrap.s3, "artifacts", TURNED)}, Context())

        assert S3Approval(bootstrap.s3, "artifacts").read(OLD.name) == TURNED
        assert asked == ["lakeloop-test-tiny"]

    def test_is_not_touched_by_a_replaced_invocation(self, bootstrap: ModuleType) -> None:
        index = deploy_contracts(bootstrap.s3, "artifacts", OLD)

        assert bootstrap.handler({"tf": {"action": "delete"}, "approve": index}, Context()) == {"repositories": []}

        assert S3Approval(bootstrap.s3, "artifacts").read(OLD.name) is None


class TestReaper:
    @pytest.fixture
    def reap(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
        with mock_aws():
            module = load(
                monkeypatch,
                "reap_endpoints",
                QUEUES="[]",
                LAYERS='["lakeloop-test-data", "lakeloop-test-lake"]',
                RULES='["lakeloop-test-tuned"]',
                IN_FLIGHT_SECONDS="60",
            )
            monkeypatch.setattr(module.reaper, "reap_for_good", lambda _: Reaped(["job"], ["endpoint"]))
            yield module

    def test_deletes_nothing_while_the_environment_stays_and_says_what_is_left(self, reap: ModuleType) -> None:
        boto3.client("events").put_rule(Name="lakeloop-test-tuned", EventPattern='{"source": ["aws.sagemaker"]}')

        said = reap.handler({"tf": {"action": "delete"}}, Context())

        assert said["deleted"] == []
        assert "there is still the rule lakeloop-test-tuned" in said["why"]

    def test_deletes_once_nothing_wakes_the_functions_any_more(self, reap: ModuleType) -> None:
        publish("lakeloop-test-data", "lakeloop-test-lake", "lakeloop-test-2-data")

        said = reap.handler({"tf": {"action": "delete"}}, Context())

        assert (said["stopped"], said["deleted"]) == (["job"], ["endpoint"])
        assert [found["LayerName"] for found in boto3.client("lambda").list_layers()["Layers"]] == [
            "lakeloop-test-2-data"
        ]

    def test_layers_of_the_previous_version_are_kept_and_older_ones_deleted(self, reap: ModuleType) -> None:
        """The case layers-of-the-previous-version: as many as one can go back to, and no others."""
        rollouts(count=6, layer="lakeloop-test-data")
        (kept,) = publish("lakeloop-test-lake")

        said = reap.handler({"rollouts": "s3://artifacts/rollouts/functions.json?versionId=6"}, Context())

        functions = boto3.client("lambda")
        left = functions.list_layer_versions(LayerName="lakeloop-test-data")["LayerVersions"]
        assert {found["Version"] for found in left} == {2, 3, 4, 5, 6}
        assert [arn.rpartition(":layer:")[2] for arn in said["deleted"]] == ["lakeloop-test-data:1", kept]

    @pytest.mark.parametrize("action", ["create", "update"])
    def test_does_nothing_on_apply(self, reap: ModuleType, action: str) -> None:
        assert reap.handler({"tf": {"action": action}}, Context()) == {"deleted": []}


def publish(*layers: str) -> list[str]:
    """One more version of each; `NAME:VERSION`."""
    functions = boto3.client("lambda")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("python/one.py", "")
    return [
        functions.publish_layer_version(LayerName=layer, Content={"ZipFile": content.getvalue()})[
            "LayerVersionArn"
        ].rpartition(":layer:")[2]
        for layer in layers
    ]


def rollouts(count: int, layer: str) -> None:
    """So many, each with a version of the layer of its own, as Terraform writes them."""
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="artifacts")
    s3.put_bucket_versioning(Bucket="artifacts", VersioningConfiguration={"Status": "Enabled"})
    for number in range(1, count + 1):
        (version,) = publish(layer)
        arn = f"arn:aws:lambda:us-east-1:123456789012:layer:{version}"
        written = {"format": 1, "lakeloop": "1.0", "git_sha": "", "functions": {"f": str(number)}, "layers": [arn]}
        s3.put_object(Bucket="artifacts", Key=names.ROLLOUTS_KEY, Body=json.dumps(written))


class TestGuard:
    @pytest.fixture
    def guard(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
        with mock_aws():
            module = load(monkeypatch, "guard_data", GUARDED_BUCKETS='["landing", "artifacts", "gone"]')
            s3 = boto3.client("s3")
            for bucket in ("landing", "artifacts"):
                s3.create_bucket(Bucket=bucket)
                s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
            yield module

    DESTROY: ClassVar = {"force_destroy": False, "tf": {"action": "delete"}}

    def test_lets_empty_buckets_go_and_what_terraform_put_there(self, guard: ModuleType) -> None:
        for key in ("contracts/index.json", "functions/predict/1.zip", "layers/data/1.zip", names.ROLLOUTS_KEY):
            boto3.client("s3").put_object(Bucket="artifacts", Key=key)

        assert guard.handler(self.DESTROY, Context()) == {}

    def test_names_every_place_that_holds_data_deleted_objects_too(self, guard: ModuleType) -> None:
        s3 = boto3.client("s3")
        s3.put_object(Bucket="landing", Key="incoming/tiny/a.csv")
        s3.delete_object(Bucket="landing", Key="incoming/tiny/a.csv")
        s3.put_object(Bucket="artifacts", Key="models/contracts/1.json")
        s3.put_object(Bucket="artifacts", Key="notes.txt")

        with pytest.raises(StillHoldsDataError) as refused:
            guard.handler(self.DESTROY, Context())

        assert "in s3://landing/incoming/, s3://artifacts/models/, s3://artifacts. Copy" in str(refused.value)

    def test_asks_nothing_where_data_may_go_and_on_apply(self, guard: ModuleType) -> None:
        boto3.client("s3").put_object(Bucket="landing", Key="incoming/tiny/a.csv")

        assert guard.handler({**self.DESTROY, "force_destroy": True}, Context()) == {}
        assert guard.handler({"force_destroy": False, "tf": {"action": "update"}}, Context()) == {}
