"""S3 refuses a key that is too long, and encrypts with the account's own key when none is named.

Gaps in ministack: keys of more than 1,024 bytes are taken; `aws:kms` without a key id is refused, where S3 takes
`alias/aws/s3`.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import ACCOUNT, REGION, Settings

MODULE = "ministack.services.s3"
HANDLE = PrivateName(
    MODULE,
    "handle_request",
    (
        "method",
        "path",
        "headers",
        "body",
        "query_params",
        "signed_path",
        "enforce_bucket_region",
        "internal",
        "access_point_region",
        "access_point",
    ),
)
ENCRYPTION = PrivateName(MODULE, "_resolve_sse_write_headers", ("headers", "bucket_name"))
BUCKET_AND_KEY = PrivateName(MODULE, "_parse_bucket_key", ("path", "headers"))
REFUSE = PrivateName(MODULE, "_error")
TOUCHES = (HANDLE, ENCRYPTION, BUCKET_AND_KEY, REFUSE)

MOST_KEY_BYTES = 1024
ALGORITHM, KEY_ID = "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id"
ACCOUNTS_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/aws/s3"

Headers = dict[str, str]


def apply(settings: Settings) -> None:
    HANDLE.wrap(only_short_keys)
    ENCRYPTION.wrap(with_the_accounts_key)


def only_short_keys(original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def handle(method: str, path: str, headers: Headers, *rest: object, **options: object) -> Any:  # noqa: ANN401
        _, key = BUCKET_AND_KEY.get()(path, headers)
        if len((key or "").encode()) > MOST_KEY_BYTES:
            return REFUSE.get()("KeyTooLongError", "Your key is too long", 400)
        return await original(method, path, headers, *rest, **options)

    return handle


def with_the_accounts_key(original: Callable[..., Any]) -> Callable[..., Any]:
    def resolve(headers: Headers, bucket_name: str) -> Any:  # noqa: ANN401 - headers to keep, and an error
        if headers.get(ALGORITHM) == "aws:kms" and not headers.get(KEY_ID):
            headers = {**headers, KEY_ID: ACCOUNTS_KEY}
        return original(headers, bucket_name)

    return resolve
