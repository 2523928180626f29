"""Real tables through inference and gate, held to readings that share no code with them.

    make bench-tables                 # all of pydataset and of scikit-learn's CSV files
    python -m bench.tables --only iris

The last line is one JSON object, the share of tables of which a contract came out (`inferred`), whose rows are all
committed or quarantined and nearly none quarantined (`ingested`), whose committed values are those that Python's csv
and Decimal read (`exact`), whose columns have the type that all their cells have (`typed`), and in which ten kinds of
damage were found on their lines and nowhere else (`planted`).
"""
