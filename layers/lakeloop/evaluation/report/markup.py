"""HTML and SVG as elements of the standard library, which escapes what they hold."""

from collections.abc import Iterable
from xml.etree import ElementTree as ET

Element = ET.Element
Child = Element | str | None


def element(tag: str, *children: Child | Iterable[Child], **attributes: object) -> Element:
    """`class_` is `class`, `stroke_width` is `stroke-width`; attributes and children that are None are left out."""
    named = {
        name.rstrip("_").replace("_", "-"): _text(value) for name, value in attributes.items() if value is not None
    }
    made = ET.Element(tag, named)
    for child in _flat(children):
        if isinstance(child, str):
            _append_text(made, child)
        else:
            made.append(child)
    return made


def document(root: Element) -> str:
    return f"<!DOCTYPE html>\n{ET.tostring(root, encoding='unicode', method='html')}\n"


def _flat(children: Iterable[Child | Iterable[Child]]) -> Iterable[Element | str]:
    for child in children:
        if isinstance(child, str | ET.Element):
            yield child
        elif child is not None:
            yield from _flat(child)


def _append_text(parent: Element, text: str) -> None:
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def _text(value: object) -> str:
    """Places on a drawing to a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
