"""From `datasets/<name>.yaml` to `build/contracts/<name>.json`: read, judged, compiled. No function imports this."""
