"""Set-up, configuration and the current user."""

from __future__ import annotations

from starlette.responses import Response

from lakeloop.local.lakefs import bodies, render
from lakeloop.local.lakefs.auth import KeyPair
from lakeloop.local.lakefs.call import Call
from lakeloop.local.lakefs.lake import Lake
from lakeloop.local.lakefs.render import JsonObject

# What the stand-in follows; the suffix tells a reader of logs that this is not that server.
VERSION = "1.86.0+standin"

_STORAGE: JsonObject = {
    "blockstore_type": "s3",
    "blockstore_id": "",
    "blockstore_description": "",
    "blockstore_namespace_example": "s3://example-bucket/",
    "blockstore_namespace_ValidityRegex": "^s3://",
    "default_namespace_prefix": "",
    "pre_sign_support": True,
    "pre_sign_support_ui": False,
    "pre_sign_multipart_upload": True,
    "import_support": False,
    "import_validity_regex": "^s3://",
}


def get_setup_state(lake: Lake, call: Call) -> Response:
    return render.json(
        {
            "state": "initialized" if lake.accounts.is_set_up else "not_initialized",
            "comm_prefs_missing": False,
            "login_config": {"RBAC": "none", "login_url": "", "login_cookie_names": [], "logout_url": ""},
        }
    )


def setup(lake: Lake, call: Call) -> Response:
    body = call.model(bodies.Setup)
    key = KeyPair(body.key.access_key_id, body.key.secret_access_key) if body.key else KeyPair.random()
    user = lake.accounts.set_up(body.username, key)
    return render.json(
        {
            "access_key_id": key.access_key_id,
            "secret_access_key": key.secret_access_key,
            "creation_date": user.creation_date,
        }
    )


def get_current_user(lake: Lake, call: Call) -> Response:
    user = call.user
    return render.json({"user": {"id": user.name, "friendly_name": user.name, "creation_date": user.creation_date}})


def health_check(lake: Lake, call: Call) -> Response:
    return render.nothing()


def get_config(lake: Lake, call: Call) -> Response:
    return render.json(
        {
            "version_config": {"version": VERSION},
            "storage_config": _STORAGE,
            "storage_config_list": [],
            "ui_config": {"custom_viewers": []},
            "capabilities_config": {},
        }
    )


def get_version(lake: Lake, call: Call) -> Response:
    return render.json({"version": VERSION})


def get_storage_config(lake: Lake, call: Call) -> Response:
    return render.json(_STORAGE)
