"""`terraform destroy` at the end of the session: nothing stays, also not what functions made."""

from tests.e2e.conftest import Deployment
from tests.e2e.inventory import Inventory


def test_destroy_leaves_nothing(deployment: Deployment) -> None:
    assert Inventory.take().beyond(deployment.untouched)

    deployment.terraform.destroy()

    assert Inventory.take().beyond(deployment.untouched) == {}
