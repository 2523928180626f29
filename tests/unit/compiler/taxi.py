"""A contract as people write one: nothing is quoted that need not be."""

TAXI = """\
name: taxi
description: Trips
problem: binary
row_key: trip
label: tip
positive_class: yes
columns:
  - {name: trip, type: string, description: Key}
  - {name: tip, type: category, allowed: [no, yes], description: Whether there was one}
  - {name: fare, type: float, min: 0, max: 500, description: Fare}
  - {name: pay, type: category, allowed: [card, cash], nullable: yes, description: How it was paid}
splits: {train: 0.7, validation: 0.15, test: 0.15}
quality: {max_rejected_fraction: 0.1}
training:
  metric: auc
  rounds: 60
  early_stopping_rounds: 10
  ranges:
    eta: {type: continuous, min: 0.05, max: 0.5, scale: Logarithmic}
    max_depth: {type: integer, min: 2, max: 6}
  trials: 6
  parallel_trials: 2
  instance_type: ml.m5.large
  spot: yes
  max_trial_seconds: 600
  seed: 7
retrain: {min_new_rows: 300}
serving:
  serverless: {memory_mb: 2048, max_concurrency: 5}
"""


def changed(old: str, new: str) -> bytes:
    assert TAXI.count(old) == 1, f"{old!r} stands {TAXI.count(old)} times in the contract"
    return TAXI.replace(old, new).encode()
