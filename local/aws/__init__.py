"""The AWS part of the local cloud: ministack, started by a launcher that fills the gaps lakeloop needs filled."""
