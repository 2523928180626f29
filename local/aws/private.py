"""The private names of ministack that the patches replace, checked before anything is served.

ministack has no plugin interface, so each patch reaches into it. A patch says here which name it touches and which
parameters it expects; another version of ministack then stops the launcher with a sentence instead of misbehaving.
"""

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

SUPPORTED_VERSION = "1.5.33"


class EmulatorChangedError(RuntimeError):
    """ministack is not the one the patches were written for."""


@dataclass(frozen=True)
class PrivateName:
    """A module-level name, or `Class.method`, of ministack; `parameters` is None for what is not called."""

    module: str
    name: str
    parameters: tuple[str, ...] | None = None

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"

    def get(self) -> Any:  # noqa: ANN401 - whatever ministack keeps under that name
        owner, attribute = self._place()
        return getattr(owner, attribute)

    def replace(self, value: object) -> None:
        owner, attribute = self._place()
        setattr(owner, attribute, value)

    def wrap(self, wrapper: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Replace a function by what `wrapper` makes of it."""
        self.replace(wrapper(self.get()))

    def check(self) -> None:
        """Raise EmulatorChangedError if the name is gone or is called differently now."""
        try:
            value = self.get()
        except (ImportError, AttributeError) as error:
            raise EmulatorChangedError(f"{self} is gone from ministack {version('ministack')}") from error
        if self.parameters is None:
            return
        found = tuple(inspect.signature(value).parameters)
        if found != self.parameters:
            raise EmulatorChangedError(
                f"{self} takes {found} in ministack {version('ministack')}; the patch expects {self.parameters}"
            )

    def _place(self) -> tuple[object, str]:
        owner: object = importlib.import_module(self.module)
        *classes, attribute = self.name.split(".")
        for name in classes:
            owner = getattr(owner, name)
        return owner, attribute


def check_version() -> None:
    installed = version("ministack")
    if installed != SUPPORTED_VERSION:
        raise EmulatorChangedError(
            f"ministack {installed} is installed, the launcher's patches are written for {SUPPORTED_VERSION}; "
            "run `make setup`, or port local/aws/patches and raise SUPPORTED_VERSION"
        )
