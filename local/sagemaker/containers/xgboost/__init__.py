"""The built-in XGBoost image, 3.0-5, as far as its contract goes.

Written to what https://github.com/aws/sagemaker-xgboost-container documents and does; none of its code is here.
"""
