"""An evaluation as a page: one HTML file without scripts, whose plots are SVG. It asks the network for nothing."""

from lakeloop.evaluation.report.page import render

__all__ = ["render"]
