"""botocore's descriptions of services, cut to the operations that the functions call.

A client reads the whole description of its service when it is made: 2.6 MB of JSON for SageMaker's 425 operations, of
which the functions call one in twelve. What is cut has no method on the client, and fails there by its name.
"""

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import botocore.session
from botocore import xform_name

DESCRIPTION = "service-2.json"
# botocore's own calls: to find the region of a bucket, and where the credentials are those of a role.
OF_BOTOCORE = frozenset({"assume_role", "assume_role_with_web_identity", "create_session", "head_bucket"})


def called_methods(sources: Iterable[Path], services: Iterable[str]) -> frozenset[str]:
    """The methods of these services' clients that the sources name, also where a paginator is asked for one."""
    words = {word for source in sources for word in re.findall(r"\w+", source.read_text())}
    loader = botocore.session.get_session().get_component("data_loader")
    known = {
        xform_name(operation)
        for service in services
        for operation in loader.load_service_model(service, "service-2")["operations"]
    }
    return frozenset(words & known) | OF_BOTOCORE


def cut_descriptions(data: Path, called: frozenset[str]) -> None:
    """Cut all descriptions below botocore's `data` to the operations whose methods are among `called`."""
    for file in sorted(data.glob(f"*/*/{DESCRIPTION}*")):
        packed = file.read_bytes()
        whole = json.loads(gzip.decompress(packed) if file.suffix == ".gz" else packed)
        file.unlink()
        file.with_name(DESCRIPTION).write_text(json.dumps(cut(whole, called), separators=(",", ":")))


def cut(description: Mapping[str, Any], called: frozenset[str]) -> dict[str, Any]:
    """The description with only these operations, and the shapes that they are made of."""
    operations = {name: found for name, found in description["operations"].items() if xform_name(name) in called}
    kept: set[str] = set()
    left = list(shapes_in(operations))
    while left:
        name = left.pop()
        if name not in kept:
            kept.add(name)
            left += shapes_in(description["shapes"][name])
    shapes = {name: shape for name, shape in description["shapes"].items() if name in kept}
    # What else there is botocore reads with its documentation.
    return {**description, "operations": undocumented(operations), "shapes": undocumented(shapes)}


def shapes_in(part: object) -> Iterator[str]:
    """The names of the shapes that a part of a description refers to."""
    match part:
        case dict():
            for key, value in part.items():
                if key == "shape" and isinstance(value, str):
                    yield value
                else:
                    yield from shapes_in(value)
        case list():
            for value in part:
                yield from shapes_in(value)


def undocumented(part: Any) -> Any:  # noqa: ANN401 any JSON
    match part:
        case dict():
            return {
                key: undocumented(value)
                for key, value in part.items()
                if not (key == "documentation" and isinstance(value, str))
            }
        case list():
            return [undocumented(value) for value in part]
        case _:
            return part
