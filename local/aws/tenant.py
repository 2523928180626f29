"""The account and region that work of the local cloud's own is done in; a request brings its own."""

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import ACCOUNT, REGION

SET_ACCOUNT = PrivateName("ministack.core.responses", "set_request_account_id", ("access_key_id",))
SET_REGION = PrivateName("ministack.core.responses", "set_request_region", ("region",))
TOUCHES = (SET_ACCOUNT, SET_REGION)


def enter() -> None:
    """Set both for what follows in this task or thread."""
    SET_ACCOUNT.get()(ACCOUNT)
    SET_REGION.get()(REGION)
