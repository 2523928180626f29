"""The chain of a trace as a tree."""

from collections.abc import Iterable

from rich.text import Text
from rich.tree import Tree

from lakeloop.cli.views.layout import COMMIT_SHOWN, visible, with_short_commits
from lakeloop.lineage.trace import Node, Trace

STYLES = {
    "file": "cyan",
    "commit": "yellow",
    "job": "magenta",
    "model": "green",
    "endpoint": "bold green",
    "prediction": "cyan",
}


def trees(trace: Trace) -> Iterable[Tree]:
    """What it is made of, and what it led to; a direction in which there is nothing is left out."""
    if trace.made_of:
        yield _tree(trace.asked, "made of", trace.made_of)
    if trace.led_to:
        yield _tree(trace.asked, "led to", trace.led_to)
    if not trace.made_of and not trace.led_to:
        yield Tree(_line(trace.asked))


def _tree(asked: Node, direction: str, nodes: Iterable[Node]) -> Tree:
    tree = Tree(_line(asked).append(f"\n{direction}:", "dim"))
    _grow(tree, nodes)
    return tree


def _grow(tree: Tree, nodes: Iterable[Node]) -> None:
    for node in nodes:
        _grow(tree.add(_line(node)), node.then)


def _line(node: Node) -> Text:
    name = node.name[:COMMIT_SHOWN] if node.kind == "commit" else node.name
    text = Text(f"{node.kind} ", "dim").append(visible(name), STYLES[node.kind])
    for key, value in node.facts.items():
        if value:
            text.append(f"\n  {key} ", "not bold dim").append(visible(with_short_commits(value)), "not bold")
    return text
