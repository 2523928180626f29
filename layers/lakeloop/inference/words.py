"""Words by which tables tell what they mean; counted in public tables, most frequent first."""

NULLS = ("NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NULL", "null", "(null)", "\\N", "?")
"""Words for no value wherever they stand."""
NULLS_AMONG_NUMBERS = (
    ".",
    "-",
    "--",
    "*",
    "none",
    "None",
    "missing",
    "Missing",
    "unknown",
    "Unknown",
    "NR",
    "ND",
    "#DIV/0!",
    "#VALUE!",
    "#REF!",
    "#NAME?",
    "#NUM!",
    "#NULL!",
    "#####",
    "n.a.",
    "N.A.",
    "k.A.",
    "k. A.",
    "nil",
    "Nil",
    "NIL",
)
"""Words for no value only where the other values are numbers or moments."""
SIGNS = (".", "-", "--", "*")
"""Of these those that are no words, and seldom values."""
NULL_MOMENTS = ("0000-00-00", "0000-00-00 00:00:00")

BOOLEANS = (
    ("true", "false"),
    ("t", "f"),
    ("yes", "no"),
    ("y", "n"),
    ("wahr", "falsch"),
    ("ja", "nein"),
    ("vrai", "faux"),
    ("oui", "non"),
    ("verdadero", "falso"),
    ("sí", "no"),
    ("vero", "falso"),
)
"""Words for true and false in lower case."""

LABELS = frozenset(
    [
        "label",
        "labels",
        "target",
        "class",
        "classes",
        "y",
        "outcome",
        "response",
        "result",
        "churn",
        "churned",
        "survived",
        "survive",
        "diagnosis",
        "species",
        "default",
        "bad",
        "fraud",
        "is_fraud",
        "income",
        "approved",
        "converted",
        "cancelled",
        "disease",
        "quality",
        "price",
        "sale_price",
        "medv",
        "rating",
        "grade",
        "category",
    ]
)
"""Names of columns that people predict."""
CLASSES = frozenset(
    ["label", "labels", "target", "class", "classes", "species", "diagnosis", "category", "outcome", "type"]
)
"""Names of labels whose whole numbers are classes and no amounts."""
POSITIVE = frozenset(
    [
        "1",
        "yes",
        "y",
        "true",
        "t",
        "ja",
        "oui",
        "positive",
        "pos",
        "malignant",
        "bad",
        "fraud",
        "churn",
        "churned",
        "survived",
        "died",
        "dead",
        "case",
        "sick",
        "ill",
        "disease",
        "present",
        "success",
        "default",
        "spam",
        "abnormal",
    ]
)
"""Classes that are looked for, in lower case."""

IDS = frozenset(
    [
        "id",
        "ids",
        "key",
        "uid",
        "uuid",
        "guid",
        "code",
        "no",
        "nr",
        "number",
        "num",
        "ref",
        "identifier",
        "isbn",
        "sku",
        "iban",
        "vin",
    ]
)
"""Last words of the names of keys."""
CODES = frozenset(
    ["id", "uid", "code", "zip", "zipcode", "postcode", "plz", "fips", "phone", "isbn", "sku", "ref", "identifier"]
)
"""Last words of the names of whole numbers that nobody adds up."""
COUNTERS = frozenset(
    [
        "row",
        "rows",
        "rownames",
        "row_names",
        "rowname",
        "row_name",
        "index",
        "idx",
        "x",
        "unnamed",
        "unnamed_0",
        "unnamed_1",
    ]
)
"""Names of a running number that programs write in front of each row."""
GROUPS = frozenset(
    [
        "patient",
        "subject",
        "subj",
        "person",
        "user",
        "customer",
        "client",
        "household",
        "hhid",
        "family",
        "school",
        "student",
        "pupil",
        "teacher",
        "site",
        "station",
        "firm",
        "company",
        "device",
        "machine",
        "session",
        "animal",
        "rat",
        "chick",
        "pig",
        "cow",
        "mouse",
        "tree",
        "plot",
        "child",
        "mother",
        "worker",
        "individual",
        "respondent",
        "participant",
        "donor",
        "cluster",
        "ward",
        "batch",
    ]
)
"""Names of what several rows may be about."""
TIMES = frozenset(
    [
        "year",
        "yr",
        "date",
        "day",
        "time",
        "month",
        "week",
        "quarter",
        "hour",
        "minute",
        "visit",
        "wave",
        "period",
        "season",
        "round",
        "trial",
        "occasion",
        "line",
        "item",
        "seq",
        "sequence",
        "version",
        "timestamp",
        "age",
    ]
)
"""Names of what tells the rows of one thing apart."""
VARIABLES = frozenset(
    ["variable", "indicator", "measure", "metric", "attribute", "parameter", "series", "item", "feature", "key"]
)
"""Names of the column of a long format that says what the value beside it is."""
VALUES = frozenset(["value", "values", "val", "obs_value"])
