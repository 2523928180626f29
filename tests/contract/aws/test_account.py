"""The account of the local cloud is prepared, as bootstrap/ prepares a real one."""

import time

from lakeloop.local.aws.patches.account_roles import API_LOGS_ROLE
from tests.contract.aws.conftest import Emulator

DEADLINE_SECONDS = 30


def test_api_gateway_has_a_role_as_which_it_writes_logs(emulator: Emulator) -> None:
    iam = emulator.client("iam")
    deadline = time.monotonic() + DEADLINE_SECONDS

    while API_LOGS_ROLE not in (names := [role["RoleName"] for role in iam.list_roles()["Roles"]]):
        assert time.monotonic() < deadline, names
        time.sleep(0.2)
