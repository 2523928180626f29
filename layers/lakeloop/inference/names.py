"""Names of columns and datasets from what people call them."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePath

from lakeloop.tables.opening import COMPRESSED, SUFFIXES

LONGEST = 60
LONGEST_DATASET = 40


def column_names(headers: Iterable[str]) -> list[str]:
    """A name of its own for each header, in their order: `customerID` is customer_id, "" is row_name or column_3."""
    taken: list[str] = []
    for place, header in enumerate(headers, start=1):
        plain = snake(header) or ("row_name" if place == 1 else f"column_{place}")
        name, further = plain, 2
        while name in taken:
            name, further = f"{plain}_{further}", further + 1
        taken.append(name)
    return taken


def dataset_name(file: str) -> str:
    """The name of a file without folders and suffixes."""
    stem = PurePath(file).name
    for suffix in COMPRESSED:
        stem = stem.removesuffix(suffix)
    for suffix in SUFFIXES:
        stem = stem.removesuffix(suffix)
    return snake(stem)[:LONGEST_DATASET].strip("_") or "table"


def snake(text: str) -> str:
    """Lower-case ASCII letters, digits and underscores, a letter first; empty where the text holds none of them."""
    letters = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ø", "o").replace("æ", "ae"))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", plain)
    name = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    return (f"x{name}" if name[:1].isdigit() else name)[:LONGEST].rstrip("_")


def tokens(name: str) -> list[str]:
    return name.split("_")
