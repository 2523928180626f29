"""Each private name of ministack that a patch touches is there and is called as the patch calls it."""

import json

import pytest

from lakeloop.local.aws import launcher
from lakeloop.local.aws.private import PrivateName
from tests.contract.aws.calls import in_emulator

NAMES = [*launcher.TOUCHES, *(name for patch in launcher.PATCHES for name in patch.TOUCHES)]

# ministack is not importable here, but in the emulator's environment.
CHECK_ALL = """
import json
import os
from lakeloop.local.aws import launcher
from lakeloop.local.aws.private import EmulatorChangedError, check_version

found = {}
check_version()
for name in (*launcher.TOUCHES, *(name for patch in launcher.PATCHES for name in patch.TOUCHES)):
    try:
        name.check()
        found[str(name)] = ""
    except EmulatorChangedError as error:
        found[str(name)] = str(error)
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    found: dict[str, str] = json.loads(in_emulator(CHECK_ALL, str(tmp_path_factory.mktemp("names"))))
    return found


@pytest.mark.parametrize("name", NAMES, ids=str)
def test_the_name_is_as_the_patch_expects(findings: dict[str, str], name: PrivateName) -> None:
    assert findings[str(name)] == ""


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("PrivateName('ministack.app', 'no_such_thing')", "ministack.app.no_such_thing is gone"),
        ("PrivateName('ministack.no_such_module', 'x')", "ministack.no_such_module.x is gone"),
        ("PrivateName('ministack.app', 'main', ('port',))", "the patch expects ('port',)"),
    ],
)
def test_a_changed_name_stops_the_launcher_with_what_changed(
    tmp_path_factory: pytest.TempPathFactory, name: str, complaint: str
) -> None:
    program = (
        "from lakeloop.local.aws.private import EmulatorChangedError, PrivateName\n"
        f"try:\n    {name}.check()\nexcept EmulatorChangedError as error:\n    print(error)"
    )

    assert complaint in in_emulator(program, str(tmp_path_factory.mktemp("changed")))


def test_another_version_of_ministack_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    program = (
        "from lakeloop.local.aws import private\nprivate.SUPPORTED_VERSION = '9.9.9'\n"
        "try:\n    private.check_version()\nexcept private.EmulatorChangedError as error:\n    print(error)"
    )

    said = in_emulator(program, str(tmp_path_factory.mktemp("version")))

    assert "ministack 1.5.33 is installed" in said
    assert "9.9.9" in said
