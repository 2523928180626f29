"""The folders and files of /opt/ml, seen from inside.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from lakeloop.local.sagemaker.documents import Document


@dataclass(frozen=True)
class Layout:
    root: Path

    @classmethod
    def here(cls) -> "Layout":
        """ML_ROOT is /opt/ml, unless this machine allows no namespaces."""
        return cls(Path(os.environ.get("ML_ROOT", "/opt/ml")))

    @property
    def model(self) -> Path:
        return self.root / "model"

    @property
    def failure(self) -> Path:
        return self.root / "output" / "failure"

    @property
    def output_data(self) -> Path:
        return self.root / "output" / "data"

    @property
    def checkpoints(self) -> Path:
        return self.root / "checkpoints"

    def channel(self, name: str) -> Path:
        return self.root / "input" / "data" / name

    def config(self, name: str) -> Path:
        return self.root / "input" / "config" / f"{name}.json"

    def read_config(self, name: str) -> Document:
        content: Document = json.loads(self.config(name).read_text(encoding="utf-8"))
        return content
