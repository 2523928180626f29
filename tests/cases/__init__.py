"""Reports of what went wrong elsewhere, each a folder of small facts: events, answers, files, settings."""

from pathlib import Path

OPS = Path(__file__).parent / "ops"
