"""An object uploaded in parts keeps the tags it was given.

Gap in ministack: the `x-amz-tagging` header of CreateMultipartUpload is dropped, so Terraform finds every large
package without its tags.
"""

from collections.abc import Callable
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

MODULE = "ministack.services.s3"
CREATE = PrivateName(MODULE, "_create_multipart_upload", ("bucket_name", "key", "headers"))
COMPLETE = PrivateName(MODULE, "_complete_multipart_upload", ("bucket_name", "key", "body", "query_params", "headers"))
UPLOADS = PrivateName(MODULE, "_multipart_uploads")
PUT_TAGS = PrivateName(MODULE, "_put_object_tagging", ("bucket_name", "key", "body", "query_params"))
TOUCHES = (CREATE, COMPLETE, UPLOADS, PUT_TAGS)

# Kept in ministack's own record of the upload, which ends with it.
TAGS = "lakeloop_tags"

Response = tuple[int, dict[str, str], bytes]
Query = dict[str, list[str]]


def apply(settings: Settings) -> None:
    CREATE.wrap(remember_tags)
    COMPLETE.wrap(put_remembered_tags)


def remember_tags(original: Callable[..., Response]) -> Callable[..., Response]:
    def create(bucket_name: str, key: str, headers: dict[str, str]) -> Response:
        known = set(UPLOADS.get())
        response = original(bucket_name, key, headers)
        for upload_id in set(UPLOADS.get()) - known:
            UPLOADS.get()[upload_id][TAGS] = headers.get("x-amz-tagging", "")
        return response

    return create


def put_remembered_tags(original: Callable[..., Response]) -> Callable[..., Response]:
    def complete(
        bucket_name: str, key: str, body: bytes, query_params: Query, headers: dict[str, str] | None = None
    ) -> Response:
        upload_id = query_params.get("uploadId", [""])[0]
        tags = UPLOADS.get().get(upload_id, {}).get(TAGS)
        response = original(bucket_name, key, body, query_params, headers)
        if tags and response[0] == 200:
            PUT_TAGS.get()(bucket_name, key, tagging_document(tags))
        return response

    return complete


def tagging_document(header: str) -> bytes:
    tags = parse_qsl(header, keep_blank_values=True)
    members = "".join(f"<Tag><Key>{escape(key)}</Key><Value>{escape(value)}</Value></Tag>" for key, value in tags)
    return f"<Tagging><TagSet>{members}</TagSet></Tagging>".encode()
