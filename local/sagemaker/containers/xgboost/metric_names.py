"""The evaluation metrics of the container by name, apart from their code, so that the server need not load XGBoost."""

# What XGBoost does not know itself; the container adds them with scikit-learn.
ADDED = frozenset(
    {
        *("accuracy", "balanced_accuracy", "f1", "f1_binary", "f1_macro", "mse", "r2"),
        *("precision", "precision_macro", "precision_micro", "recall", "recall_macro", "recall_micro"),
    }
)
MAXIMIZE = frozenset({"auc", "aucpr", "map", "ndcg"}) | (ADDED - {"mse"})
MINIMIZE = frozenset(
    {
        *("error", "logloss", "mae", "mape", "merror", "mlogloss", "mphe", "mse", "rmse", "rmsle"),
        *("aft-nloglik", "cox-nloglik", "gamma-deviance", "gamma-nloglik", "poisson-nloglik", "tweedie-nloglik"),
    }
)
