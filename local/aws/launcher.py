"""Puts the patches on ministack and serves it on one loopback port until it is told to stop."""

import asyncio
import importlib
import os
import signal
import socket
from types import ModuleType

from local.aws.archives import delete_tree
from local.aws.patches import (
    alarm_descriptions,
    api_keys,
    empty_settings,
    handler_process,
    multipart_tags,
    trusted_events,
    unknown_services,
)
from local.aws.private import PrivateName, check_version
from local.aws.settings import Settings

PATCHES: tuple[ModuleType, ...] = (
    alarm_descriptions,
    api_keys,
    empty_settings,
    handler_process,
    multipart_tags,
    trusted_events,
    unknown_services,
)

APPLICATION = PrivateName("ministack.app", "app", ("scope", "receive", "send"))
STOP_HANDLERS = PrivateName("ministack.core.lambda_runtime", "reset", ())
TOUCHES = (APPLICATION, STOP_HANDLERS)

# As ministack's own main() serves: SDKs keep idle connections open for a minute.
KEEP_ALIVE_SECONDS = 75


def run(settings: Settings, listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT; then the state is saved, the handlers end and scratch files go."""
    # Left behind by a launcher that was killed.
    delete_tree(settings.scratch_dir)
    settings.scratch_dir.mkdir(parents=True)
    # ministack reads its environment at import, so it is replaced before the first private name is looked at.
    os.environ.clear()
    os.environ.update(settings.emulator_environment())
    patch_emulator(settings)
    try:
        asyncio.run(serve(listener))
    finally:
        STOP_HANDLERS.get()()
        delete_tree(settings.scratch_dir)


def patch_emulator(settings: Settings) -> None:
    """Check every private name before the first patch, so that a wrong ministack is never half patched."""
    check_version()
    for name in (*TOUCHES, *(name for patch in PATCHES for name in patch.TOUCHES)):
        name.check()
    for patch in PATCHES:
        patch.apply(settings)


async def serve(listener: socket.socket) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    # Only importable once the environment stands, see run().
    hypercorn = importlib.import_module("hypercorn.asyncio")
    config = importlib.import_module("hypercorn.config").Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.keep_alive_timeout = KEEP_ALIVE_SECONDS
    config.graceful_timeout = 2
    await hypercorn.serve(APPLICATION.get(), config, shutdown_trigger=stop.wait)
