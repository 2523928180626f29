"""Runs notebooks top to bottom and keeps their outputs: `python execute.py explore.ipynb --into FOLDER`.

It is run by the environment of the notebooks, whose variables say which cloud is meant.
"""

import argparse
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

SECONDS = 600
NOISE = re.compile(r"[.!\s]*(?:sagemaker\.config INFO .*\s*)*")


def is_noise(output: Mapping[str, Any]) -> bool:
    """Whether it was said while a cell ran and is nothing that came of it: warnings, progress, where settings lie."""
    if output.get("output_type") != "stream":
        return False
    return output["name"] == "stderr" or NOISE.fullmatch(output["text"]) is not None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebooks", nargs="+", type=Path)
    parser.add_argument("--into", type=Path, help="a folder for the executed notebooks; left out, in place")
    options = parser.parse_args()
    for path in options.notebooks:
        notebook = nbformat.read(path, as_version=4)
        NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", record_timing=False).execute()
        for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
            cell["outputs"] = [out for out in cell["outputs"] if not is_noise(out)]
        nbformat.validate(notebook)
        nbformat.write(notebook, (options.into or path.parent) / path.name)
        print(f"executed {path.name}", flush=True)


if __name__ == "__main__":
    main()
