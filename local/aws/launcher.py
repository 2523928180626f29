"""Puts the patches on ministack and serves it on one loopback port until it is told to stop."""

import asyncio
import importlib
import logging
import os
import signal
import socket
from collections.abc import Callable
from types import ModuleType

from lakeloop.local.aws import tenant
from lakeloop.local.aws.archives import delete_tree
from lakeloop.local.aws.patches import (
    account_roles,
    alarm_descriptions,
    alarm_evaluation,
    api_keys,
    api_tags,
    batch_rights,
    database_servers,
    deleted_secrets,
    empty_settings,
    event_targets,
    function_metrics,
    function_rights,
    function_versions,
    gateway_limits,
    handler_process,
    idle_handlers,
    invoke_permissions,
    loopback_transport,
    message_moves,
    multipart_tags,
    queue_batches,
    queue_metrics,
    rule_names,
    running_invocations,
    storage_limits,
    trusted_events,
    trusted_rights,
    unknown_services,
    usage_plan_numbers,
    validation_messages,
    whole_answers,
)
from lakeloop.local.aws.private import PrivateName, check_version
from lakeloop.local.aws.settings import Settings

PATCHES: tuple[ModuleType, ...] = (
    account_roles,
    alarm_descriptions,
    alarm_evaluation,
    api_keys,
    api_tags,
    batch_rights,
    database_servers,
    deleted_secrets,
    empty_settings,
    event_targets,
    function_metrics,
    function_rights,
    function_versions,
    gateway_limits,
    handler_process,
    idle_handlers,
    invoke_permissions,
    loopback_transport,
    message_moves,
    multipart_tags,
    queue_batches,
    queue_metrics,
    rule_names,
    running_invocations,
    storage_limits,
    trusted_events,
    trusted_rights,
    unknown_services,
    usage_plan_numbers,
    validation_messages,
    whole_answers,
)

APPLICATION = PrivateName("ministack.app", "app", ("scope", "receive", "send"))
STOP_HANDLERS = PrivateName("ministack.core.lambda_runtime", "reset", ())
TOUCHES = (APPLICATION, STOP_HANDLERS, *tenant.TOUCHES)

# How often patches that watch something look at it. AWS looks once a minute; nobody waits that long on a laptop.
TICK_SECONDS = 2

Tick = Callable[[], None]
logger = logging.getLogger("lakeloop")

# Longer than any client keeps an idle connection, as Go's does for 90 seconds. The server that closes one first may do
# so while a request on it is read: the call is made, its answer lost, and who asks again is told that it is there.
KEEP_ALIVE_SECONDS = 3600


def run(settings: Settings, listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT; then the state is saved, the handlers end and scratch files go."""
    # Left behind by a launcher that was killed.
    delete_tree(settings.scratch_dir)
    settings.scratch_dir.mkdir(parents=True)
    # ministack reads its environment at import, so it is replaced before the first private name is looked at.
    os.environ.clear()
    os.environ.update(settings.emulator_environment())
    ticks = patch_emulator(settings)
    try:
        asyncio.run(serve(listener, ticks))
    finally:
        STOP_HANDLERS.get()()
        delete_tree(settings.scratch_dir)


def patch_emulator(settings: Settings) -> list[Tick]:
    """Apply all patches, and return what those that watch something want done again and again.

    Every private name is checked before the first patch, so that a wrong ministack is never half patched.
    """
    check_version()
    for name in (*TOUCHES, *(name for patch in PATCHES for name in patch.TOUCHES)):
        name.check()
    return [tick for patch in PATCHES if (tick := patch.apply(settings))]


async def serve(listener: socket.socket, ticks: list[Tick]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    # Only importable once the environment stands, see run().
    hypercorn = importlib.import_module("hypercorn.asyncio")
    config = importlib.import_module("hypercorn.config").Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.keep_alive_timeout = KEEP_ALIVE_SECONDS
    config.graceful_timeout = 2
    watch = asyncio.create_task(tick_forever(ticks))
    await hypercorn.serve(APPLICATION.get(), config, shutdown_trigger=stop.wait)
    watch.cancel()


async def tick_forever(ticks: list[Tick]) -> None:
    tenant.enter()
    while True:
        await asyncio.sleep(TICK_SECONDS)
        for tick in ticks:
            try:
                tick()
            except Exception:
                # What goes wrong once must not end the watching.
                logger.exception("%s failed", tick)
