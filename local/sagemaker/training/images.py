"""Which image a job or a model names, and whether this machine has something for it."""

import re
from dataclasses import dataclass

# repository and tag of https://docs.aws.amazon.com/sagemaker/latest/dg/docker-containers-ecr-paths.html
XGBOOST = re.compile(r".+/(?:sagemaker-)?xgboost:(?P<tag>[^/@]+)")
# XGBoost 0.72 and 0.90, with another contract; `latest` and `1` are such too.
ANCIENT = re.compile(r"(latest|1|0\..*)(-cpu-py3)?")
PRESENT = re.compile(r"3\.0-5(-cpu-py3)?")


@dataclass(frozen=True)
class Image:
    """`problem` says why it cannot run here, `remark` what differs if it does."""

    built_in: bool
    problem: str = ""
    remark: str = ""


def image(uri: str) -> Image:
    match = XGBOOST.fullmatch(uri)
    if match is None:
        return Image(
            built_in=False, problem=f"the local SageMaker has no container for {uri}, only sagemaker-xgboost:3.0-5"
        )
    tag = match["tag"]
    if ANCIENT.fullmatch(tag):
        return Image(built_in=True, problem=f"{uri} is an XGBoost older than 1.0; name 3.0-5")
    if not PRESENT.fullmatch(tag):
        return Image(built_in=True, remark=f"{uri} runs as 3.0-5 here, with XGBoost 3.0.5")
    return Image(built_in=True)
