"""Mutants of Python files, as JSON lines; run by the interpreter that has cosmic-ray, and with nothing else of ours.

    python scripts/mutations.py --sample 400 --seed 1 FILE...

Annotations are left alone: `str + None` for `str | None` fails at import and would say nothing of the tests.
"""

import argparse
import ast
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

Position = tuple[int, int]

# `is` for `==` on values that Python keeps once, and the like, are the same program.
SAME_PROGRAM = ("_Eq_Is", "_NotEq_IsNot", "_Is_Eq", "_IsNot_NotEq")


def annotations(code: str) -> list[tuple[Position, Position]]:
    """Where annotations begin and end, as (line, column)."""
    found = []
    for node in ast.walk(ast.parse(code)):
        for part in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if part is not None:
                found.append(((part.lineno, part.col_offset), (part.end_lineno, part.end_col_offset)))
    return found


def operators() -> Iterator[tuple[str, Any]]:
    for name in operator_names():
        operator = get_operator(name)
        if not operator.arguments():
            yield name, operator()


def mutations(path: Path) -> Iterator[dict[str, Any]]:
    code = path.read_text()
    spared = annotations(code)
    lines = code.splitlines()
    nodes = list(ast_nodes(get_ast(code)))
    for name, operator in operators():
        if name.endswith(SAME_PROGRAM):
            continue
        positions = [position for node in nodes for position in operator.mutation_positions(node)]
        for occurrence, (start, _) in enumerate(positions):
            keyword_marker = lines[start[0] - 1][start[1] :].replace(" ", "").startswith("*,")
            if not keyword_marker and not any(begin <= start < end for begin, end in spared):
                yield {"path": str(path), "line": start[0], "operator": name, "occurrence": occurrence}


def mutant(mutation: dict[str, Any]) -> dict[str, Any]:
    code = Path(mutation["path"]).read_text()
    operator = get_operator(mutation["operator"])()
    return {**mutation, "code": mutate_code(code, operator, mutation["occurrence"])}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("files", nargs="+", type=Path)
    options = parser.parse_args()
    every = [mutation for path in sorted(options.files) for mutation in mutations(path)]
    chosen = random.Random(options.seed).sample(every, min(options.sample, len(every)))  # noqa: S311 a sample
    for mutation in chosen:
        print(json.dumps(mutant(mutation)))


if __name__ == "__main__":
    main()
