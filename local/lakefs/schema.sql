-- Everything but the objects' bytes. Paths sort as bytes, which for UTF-8 is the order of code points.

CREATE TABLE IF NOT EXISTS installation (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS repositories (
    id                TEXT PRIMARY KEY,
    uid               TEXT NOT NULL UNIQUE,
    storage_namespace TEXT NOT NULL,
    default_branch    TEXT NOT NULL,
    creation_date     INTEGER NOT NULL,
    read_only         INTEGER NOT NULL,
    protected         TEXT NOT NULL DEFAULT '[]',
    metadata          TEXT NOT NULL DEFAULT '{}'
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS branches (
    repository TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    id         TEXT NOT NULL,
    commit_id  TEXT NOT NULL,
    hidden     INTEGER NOT NULL,
    PRIMARY KEY (repository, id)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS tags (
    repository TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    id         TEXT NOT NULL,
    commit_id  TEXT NOT NULL,
    PRIMARY KEY (repository, id)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS commits (
    repository    TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    id            TEXT NOT NULL,
    parents       TEXT NOT NULL,
    committer     TEXT NOT NULL,
    message       TEXT NOT NULL,
    creation_date INTEGER NOT NULL,
    tree          TEXT NOT NULL,
    metadata      TEXT NOT NULL,
    generation    INTEGER NOT NULL,
    PRIMARY KEY (repository, id)
) WITHOUT ROWID;

-- Uncommitted changes; an entry of NULL is a removal. `version` tells a change from a later one to the same path.
CREATE TABLE IF NOT EXISTS staged (
    repository TEXT NOT NULL,
    branch     TEXT NOT NULL,
    path       TEXT NOT NULL,
    entry      TEXT,
    version    TEXT NOT NULL,
    PRIMARY KEY (repository, branch, path),
    FOREIGN KEY (repository, branch) REFERENCES branches (repository, id) ON DELETE CASCADE
) WITHOUT ROWID;

-- Pieces of committed trees, named by their content and shared by the commits of one repository. They hold addresses in its
-- storage namespace, so a later repository of the same name (another uid) must not find them.
CREATE TABLE IF NOT EXISTS blobs (
    repository_uid TEXT NOT NULL REFERENCES repositories (uid) ON DELETE CASCADE,
    id             TEXT NOT NULL,
    body           TEXT NOT NULL,
    PRIMARY KEY (repository_uid, id)
);

CREATE TABLE IF NOT EXISTS hook_runs (
    repository TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    run_id     TEXT NOT NULL,
    event_type TEXT NOT NULL,
    branch     TEXT NOT NULL,
    commit_id  TEXT NOT NULL,
    start_time TEXT NOT NULL,
    end_time   TEXT NOT NULL,
    status     TEXT NOT NULL,
    hooks      TEXT NOT NULL,
    PRIMARY KEY (repository, run_id)
) WITHOUT ROWID;
