"""The published MLflow server, as it is started here."""
