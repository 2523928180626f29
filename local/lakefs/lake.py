"""The parts every operation works with."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field

from lakeloop.local.lakefs.addresses import Signer
from lakeloop.local.lakefs.auth import Accounts, signing_secret
from lakeloop.local.lakefs.caches import DeletedRepositories, ProtectionCache
from lakeloop.local.lakefs.hooks import HookRunner
from lakeloop.local.lakefs.objects import ObjectStore
from lakeloop.local.lakefs.repositories import Repository, RepositoryBlobs
from lakeloop.local.lakefs.snapshots import Snapshot
from lakeloop.local.lakefs.store import Store
from lakeloop.local.lakefs.trees import RangeCache, Trees


@dataclass(frozen=True)
class Lake:
    """One installation."""

    store: Store
    objects: ObjectStore
    accounts: Accounts
    signer: Signer
    hooks: HookRunner
    cache: RangeCache = field(default_factory=RangeCache)
    protection: ProtectionCache = field(default_factory=ProtectionCache)
    deleted: DeletedRepositories = field(default_factory=DeletedRepositories)

    @classmethod
    def open(cls, store: Store) -> Lake:
        objects = ObjectStore()
        return cls(store, objects, Accounts(store), Signer(signing_secret(store)), HookRunner(store, objects))

    def trees(self, db: sqlite3.Connection, repository: Repository) -> Trees:
        return Trees(RepositoryBlobs(db, repository), self.cache)

    def snapshot(self, db: sqlite3.Connection, repository: Repository, ref: str) -> Snapshot:
        return Snapshot.of(db, repository, self.cache, ref)
