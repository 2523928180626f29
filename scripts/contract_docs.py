"""docs/contract.md: every key of the contract language from its models, and examples that a test runs."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from lakeloop import project
from lakeloop.compiler.reference import Key, keys

PAGE = project.SOURCES / "docs" / "contract.md"
EXAMPLES = Path(__file__).parent / "contract_examples.yaml"
WITHOUT_EXAMPLE = {
    "delivery_unit": "`folder` with `append` and `upsert`",
    "newest": "with `delivery: upsert`",
    "min_kept_fraction": "with `delivery: snapshot`",
    "on_delete": "`remove` with `append` and `upsert`",
}


def examples() -> dict[str, dict[str, Any]]:
    """The examples by title."""
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(EXAMPLES.read_text())
    return loaded


def text_of(example: Mapping[str, Any]) -> str:
    """The whole contract of an example: what all have in common is left out of the page."""
    tolerant = "" if "quality:" in example["contract"] else "quality: {max_rejected_fraction: 1}\n"
    return f"name: example\n{tolerant}{example['contract']}"


def page() -> str:
    """The whole page, the same wherever and whenever it is made."""
    shown = "\n".join(_example(title, example) for title, example in examples().items())
    return f"{INTRODUCTION}\n{_tables()}\n## Examples\n\n{shown}"


def used_keys(written: object, path: str = "") -> Iterator[str]:
    """The keys that a contract names, as paths without positions."""
    match written:
        case dict():
            for key, value in written.items():
                # Names that whoever writes a contract chooses.
                known = "NAME" if path == "training.ranges" else key
                yield f"{path}.{known}".removeprefix(".")
                if path != "columns.aliases":
                    yield from used_keys(value, f"{path}.{known}".removeprefix("."))
        case list():
            for value in written:
                yield from used_keys(value, path)
        case _:
            return


def _tables() -> str:
    """A table for the whole and one for each section."""
    used = {title: set(used_keys(_written(example))) for title, example in examples().items()}
    tables: dict[str, list[Key]] = {}
    for key in keys():
        tables.setdefault(key.path.rpartition(".")[0], []).append(key)
    return "\n".join(_table(section, inner, used) for section, inner in tables.items())


def _written(example: Mapping[str, Any]) -> object:
    return yaml.safe_load(example["contract"])


def _table(section: str, inner: list[Key], used: Mapping[str, set[str]]) -> str:
    title = f"`{section}`" if section else "The contract"
    rows = "\n".join(_row(key, used) for key in inner)
    return f"## {title}\n\n| key | takes | default | meaning | example |\n|---|---|---|---|---|\n{rows}\n"


def _row(key: Key, used: Mapping[str, set[str]]) -> str:
    title = next((title for title, named in used.items() if key.path in named), "")
    example = f"[{title}](#{anchor(title)})" if title else WITHOUT_EXAMPLE.get(key.path, "")
    name = f"`{key.path.rpartition('.')[2]}`"
    cells = (name, key.takes, f"`{key.default}`" if key.default else "", key.meaning, example)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def anchor(title: str) -> str:
    """As GitHub makes it of a heading."""
    return "".join(letter for letter in title.lower().replace(" ", "-") if letter.isalnum() or letter == "-")


def _example(title: str, example: Mapping[str, Any]) -> str:
    parts = [f"### {title}\n", _block("yaml", example["contract"])]
    parts += [f"`{name}`:\n\n{_block('text', text)}" for name, text in example.get("files", {}).items()]
    parts += ["A file:\n", _block("text", example["input"])]
    if example["rows"]:
        parts += ["Rows:\n", _block("text", "\n".join(map(_row_text, example["rows"])))]
    if "splits" in example:
        parts += [f"Their splits: {', '.join(example['splits'])}.\n"]
    if example.get("one_split"):
        parts += ["All of them are in one split.\n"]
    if "features" in example:
        given = "\n".join(f"{name}: {number:g}" for name, number in example["features"].items())
        parts += ["The model gets, the label first:\n", _block("text", given)]
    for line, reason in example.get("quarantined", {}).items():
        parts += [f"- Line {line} is set aside: …{reason}…"]
    return "\n".join(parts) + "\n"


def _row_text(row: list[object]) -> str:
    return " | ".join("(nothing)" if value is None else str(value) for value in row)


def _block(language: str, text: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```\n"


INTRODUCTION = """# Contract reference

This page is made by `make contract-docs`: the keys from the models that judge a contract, the examples from
`scripts/contract_examples.yaml`, which a test runs through the gate. How a contract gets from YAML to a function, and
what a change of one means, stands in [contracts.md](contracts.md).

Everything is optional but `name`, `columns`, and for a dataset that is trained `label` and `problem`. Where pandas'
`read_csv` has a word, that word is used. Where a list is taken, one text may stand alone.

The examples leave out `name: example`, and `quality: {max_rejected_fraction: 1}`, without which files as small as these
would be refused whole for one wrong line.
"""


def main() -> None:
    PAGE.write_text(page())


if __name__ == "__main__":
    main()
