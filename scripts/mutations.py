"""Mutants of Python files, as JSON lines; run by the interpreter that has cosmic-ray, and with nothing else of ours.

    python scripts/mutations.py --sample 400 --seed 1 FILE...

Annotations and unions of types are left alone, and what is no Python any more (`*` for `**` before a mapping) is left
out: `str + None` for `str | None` fails at import and would say nothing of the tests.
"""

import argparse
import ast
import builtins
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


def types(code: str) -> list[tuple[Position, Position]]:
    """Where annotations and unions of types begin and end, as (line, column)."""
    found = []
    for node in ast.walk(ast.parse(code)):
        parts = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        if isinstance(node, ast.BinOp) and is_type(node):
            parts.append(node)
        for part in parts:
            if part is not None:
                found.append(((part.lineno, part.col_offset), (part.end_lineno, part.end_col_offset)))
    return found


def is_type(node: ast.AST) -> bool:
    """Whether an expression is a type or a union of types, as far as names tell."""
    match node:
        case ast.BinOp(op=ast.BitOr()):
            return is_type(node.left) and is_type(node.right)
        case ast.Name():
            named = node.id[0].isupper() and not node.id.isupper()
            return named or isinstance(getattr(builtins, node.id, None), type)
        case ast.Constant():
            return node.value is None
        case _:
            return False


def operators() -> Iterator[tuple[str, Any]]:
    for name in operator_names():
        operator = get_operator(name)
        if not operator.arguments():
            yield name, operator()


def mutations(path: Path) -> Iterator[dict[str, Any]]:
    code = path.read_text()
    spared = types(code)
    lines = code.splitlines()
    nodes = list(ast_nodes(get_ast(code)))
    for name, operator in operators():
        if name.endswith(SAME_PROGRAM):
            continue
        positions = [position for node in nodes for position in operator.mutation_positions(node)]
        for occurrence, (start, _) in enumerate(positions):
            keyword_marker = lines[start[0] - 1][start[1] :].replace(" ", "").startswith("*,")
            if keyword_marker or any(begin <= start < end for begin, end in spared):
                continue
            try:
                mutated = mutate_code(code, operator, occurrence)
            except AttributeError:
                # cosmic-ray's exchange of exceptions knows no dotted names among several: `except (OSError, a.Error)`.
                continue
            if is_python(mutated):
                yield {
                    "path": str(path),
                    "line": start[0],
                    "operator": name,
                    "occurrence": occurrence,
                    "code": mutated,
                }


def is_python(code: str) -> bool:
    try:
        ast.parse(code)
    except SyntaxError:
        return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("files", nargs="+", type=Path)
    options = parser.parse_args()
    every = [mutation for path in sorted(options.files) for mutation in mutations(path)]
    chosen = random.Random(options.seed).sample(every, min(options.sample, len(every)))  # noqa: S311 a sample
    for mutation in chosen:
        print(json.dumps(mutation))


if __name__ == "__main__":
    main()
