"""The table of operations: what is served, by the names and paths of the published specification."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.responses import Response

from lakeloop.local.lakefs.api import actions, branches, history, installation, listings, objects, repositories, staging
from lakeloop.local.lakefs.call import Call
from lakeloop.local.lakefs.errors import Unsupported
from lakeloop.local.lakefs.lake import Lake

Handler = Callable[[Lake, Call], Response]

_UNSUPPORTED = Path(__file__).with_name("unsupported.txt")


@dataclass(frozen=True)
class Operation:
    """One operation; `public` ones need no user, `upload` ones carry an object's bytes."""

    id: str
    method: str
    path: str
    handler: Handler
    public: bool = False
    upload: bool = False


_REPOSITORY = "/repositories/{repository}"
_BRANCH = _REPOSITORY + "/branches/{branch}"
_REF = _REPOSITORY + "/refs/{ref}"
_MERGE = _REPOSITORY + "/refs/{sourceRef}/merge/{destinationBranch}"
_PROTECTION = _REPOSITORY + "/settings/branch_protection"
_UPLOAD = _BRANCH + "/staging/pmpu/{uploadId}"
_RUN = _REPOSITORY + "/actions/runs/{run_id}"

SERVED = (
    Operation("getSetupState", "GET", "/setup_lakefs", installation.get_setup_state, public=True),
    Operation("setup", "POST", "/setup_lakefs", installation.setup, public=True),
    Operation("healthCheck", "GET", "/healthcheck", installation.health_check, public=True),
    Operation("getCurrentUser", "GET", "/user", installation.get_current_user),
    Operation("getConfig", "GET", "/config", installation.get_config),
    Operation("getLakeFSVersion", "GET", "/config/version", installation.get_version),
    Operation("getStorageConfig", "GET", "/config/storage", installation.get_storage_config),
    Operation("listRepositories", "GET", "/repositories", repositories.list_repositories),
    Operation("createRepository", "POST", "/repositories", repositories.create_repository),
    Operation("getRepository", "GET", _REPOSITORY, repositories.get_repository),
    Operation("deleteRepository", "DELETE", _REPOSITORY, repositories.delete_repository),
    Operation("getRepositoryMetadata", "GET", _REPOSITORY + "/metadata", repositories.get_metadata),
    Operation("setRepositoryMetadata", "POST", _REPOSITORY + "/metadata", repositories.set_metadata),
    Operation("deleteRepositoryMetadata", "DELETE", _REPOSITORY + "/metadata", repositories.delete_metadata),
    Operation("getBranchProtectionRules", "GET", _PROTECTION, repositories.get_protection),
    Operation("setBranchProtectionRules", "PUT", _PROTECTION, repositories.set_protection),
    Operation("listBranches", "GET", _REPOSITORY + "/branches", branches.list_branches),
    Operation("createBranch", "POST", _REPOSITORY + "/branches", branches.create_branch),
    Operation("getBranch", "GET", _BRANCH, branches.get_branch),
    Operation("deleteBranch", "DELETE", _BRANCH, branches.delete_branch),
    Operation("resetBranch", "PUT", _BRANCH, branches.reset_branch),
    Operation("hardResetBranch", "PUT", _BRANCH + "/hard_reset", branches.hard_reset_branch),
    Operation("listTags", "GET", _REPOSITORY + "/tags", branches.list_tags),
    Operation("createTag", "POST", _REPOSITORY + "/tags", branches.create_tag),
    Operation("getTag", "GET", _REPOSITORY + "/tags/{tag}", branches.get_tag),
    Operation("deleteTag", "DELETE", _REPOSITORY + "/tags/{tag}", branches.delete_tag),
    Operation("commit", "POST", _BRANCH + "/commits", history.commit),
    Operation("revertBranch", "POST", _BRANCH + "/revert", history.revert_branch),
    Operation("cherryPick", "POST", _BRANCH + "/cherry-pick", history.cherry_pick),
    Operation("getCommit", "GET", _REPOSITORY + "/commits/{commitId}", history.get_commit),
    Operation("logCommits", "GET", _REF + "/commits", history.log_commits),
    Operation("mergeIntoBranch", "POST", _MERGE, history.merge_into_branch),
    Operation("findMergeBase", "GET", _MERGE, history.find_merge_base),
    Operation("diffBranch", "GET", _BRANCH + "/diff", listings.diff_branch),
    Operation("diffRefs", "GET", _REPOSITORY + "/refs/{leftRef}/diff/{rightRef}", listings.diff_refs),
    Operation("listObjects", "GET", _REF + "/objects/ls", listings.list_objects),
    Operation("getObject", "GET", _REF + "/objects", objects.get_object),
    Operation("headObject", "HEAD", _REF + "/objects", objects.head_object),
    Operation("statObject", "GET", _REF + "/objects/stat", objects.stat_object),
    Operation(
        "getUnderlyingProperties", "GET", _REF + "/objects/underlyingProperties", objects.get_underlying_properties
    ),
    Operation("uploadObject", "POST", _BRANCH + "/objects", objects.upload_object, upload=True),
    Operation("stageObject", "PUT", _BRANCH + "/objects", staging.stage_object),
    Operation("deleteObject", "DELETE", _BRANCH + "/objects", objects.delete_object),
    Operation("deleteObjects", "POST", _BRANCH + "/objects/delete", objects.delete_objects),
    Operation("copyObject", "POST", _BRANCH + "/objects/copy", objects.copy_object),
    Operation("updateObjectUserMetadata", "PUT", _BRANCH + "/objects/stat/user_metadata", objects.update_user_metadata),
    Operation("getPhysicalAddress", "GET", _BRANCH + "/staging/backing", staging.get_physical_address),
    Operation("linkPhysicalAddress", "PUT", _BRANCH + "/staging/backing", staging.link_physical_address),
    Operation("createPresignMultipartUpload", "POST", _BRANCH + "/staging/pmpu", staging.create_multipart),
    Operation("completePresignMultipartUpload", "PUT", _UPLOAD, staging.complete_multipart),
    Operation("abortPresignMultipartUpload", "DELETE", _UPLOAD, staging.abort_multipart),
    Operation("uploadPart", "PUT", _UPLOAD + "/parts/{partNumber}", staging.upload_part),
    Operation("listRepositoryRuns", "GET", _REPOSITORY + "/actions/runs", actions.list_runs),
    Operation("getRun", "GET", _RUN, actions.get_run),
    Operation("listRunHooks", "GET", _RUN + "/hooks", actions.list_hooks),
    Operation("getRunHookOutput", "GET", _RUN + "/hooks/{hook_run_id}/output", actions.get_hook_output),
)


def refused() -> list[Operation]:
    """The specification's other operations, each answered with its name and 501."""
    lines = _UNSUPPORTED.read_text(encoding="utf-8").splitlines()
    return [_refused(*line.split()) for line in lines if line and not line.startswith("#")]


def _refused(operation_id: str, method: str, path: str) -> Operation:
    def refuse(lake: Lake, call: Call) -> Response:
        raise Unsupported(f"{operation_id} is not implemented by the local lakeFS stand-in")

    return Operation(operation_id, method, path, refuse, public=True)
