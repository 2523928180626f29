"""The domain of lakeloop: what every function shares, without an AWS client outside `lakeloop.adapters`.

Where the command is installed, `lakeloop.data(dataset)` gives the rows of a dataset at a commit.
"""

import importlib
from typing import Any


def __getattr__(name: str) -> Any:  # noqa: ANN401 what people import has its own type
    if name != "data":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # Functions are deployed without the client.
    return importlib.import_module("lakeloop.client.table").data
