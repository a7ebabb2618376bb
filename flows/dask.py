"""Shards on the workers of a Dask cluster: the executor `dask`.

This process reads the inputs and takes the steps that see all shards. Workers see its work directory (beside
OUT, or --work), on a file system that all of them share.
"""

from __future__ import annotations

import logging
import re
import socket
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from distributed import Client
from distributed.cfexecutor import ClientExecutor
from distributed.comm.core import CommClosedError
from distributed.scheduler import KilledWorker

from pipeline.errors import RunError, SettingsError
from pipeline.settings import RunSettings
from pipeline.work import code_digest

#: Seconds to wait for the scheduler, and for a first worker.
PATIENCE = 10
_ADDRESS = re.compile(r"(tcp|tls|wss?)://\S+:\d+")
#: What rows depend on, beside our own code.
_PACKAGES = ("chardet", "ftfy", "numba", "numpy", "pyarrow")


class Checked(ClientExecutor):
    """The workers of a Dask cluster; one that has other code or libraries than this process does no task.

    Each task looks, for workers may join at any time.
    """

    def submit(self, fn: Any, *args: Any, **kwargs: Any) -> Future[Any]:  # type: ignore[override]
        """Do fn(*args) on some worker."""
        done: Future[Any] = super().submit(_on_worker, made_of(), fn, *args, **kwargs)
        return done


@contextmanager
def executor(run: RunSettings) -> Iterator[Executor]:
    """Yield the workers of the scheduler at `run.dask`.

    Raises SettingsError without an address, RunError when there is no scheduler or worker, a worker has other code
    or libraries, workers die on one shard again and again, or the scheduler goes away.
    """
    with _quiet("distributed.client", "distributed.utils"), _connected(run.dask) as client:
        pool = Checked(client)
        try:
            for worker, told in client.run(_told, made_of(), on_error="return").items():
                if told:
                    raise RunError(told if isinstance(told, str) else _strange(worker, told))
            yield pool
        except KilledWorker as error:
            raise RunError(
                "one shard killed several Dask workers, most likely for want of memory: start the same command again "
                "with more memory a worker or a smaller --set run.shard_bytes; it goes on where it was"
            ) from error
        except (CancelledError, CommClosedError) as error:
            raise RunError(
                f"the Dask scheduler at {run.dask} went away: start it and the same command again, which goes on "
                "where it was"
            ) from error
        finally:
            pool.shutdown(wait=False)  # after an error no further shard is begun


@contextmanager
def _quiet(*names: str) -> Iterator[None]:
    """Keep loggers from saying what we say in a sentence: when the scheduler is gone they print its tracebacks."""
    loggers = [logging.getLogger(name) for name in names]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


@lru_cache(1)
def made_of() -> tuple[tuple[str, str], ...]:
    """Return (name, version) of all that rows depend on in this process."""
    packages = [(name, version(name)) for name in _PACKAGES]
    python = ".".join(map(str, sys.version_info[:2]))
    return (("corpusmill's code", code_digest()), ("Python", python), *packages)


def _connected(address: str) -> Client:
    if not address:
        raise SettingsError("the executor dask needs the address of a scheduler: give --dask tcp://HOST:PORT")
    if not _ADDRESS.fullmatch(address):
        raise SettingsError(f"run.dask = {address} is no address of a Dask scheduler: write tcp://HOST:PORT")
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except OSError as error:
        raise RunError(
            f"no Dask scheduler answers at {address} within {PATIENCE} s: start one with `dask scheduler`"
        ) from error
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError as error:
        client.close()
        raise RunError(f"the Dask scheduler at {address} has no worker: start `dask worker {address}`") from error
    return client


def _strange(worker: str, error: object) -> str:
    if isinstance(error, ModuleNotFoundError):
        return f"the Dask worker {worker} has no module {error.name}: install the same corpusmill on all machines"
    return f"the Dask worker {worker} cannot be used ({error}): install the same corpusmill on all machines"


def _told(wanted: tuple[tuple[str, str], ...]) -> str:
    """Return what this process has in other versions than `wanted`, as a sentence; "" if nothing."""
    for (name, theirs), (_, ours) in zip(wanted, made_of(), strict=True):
        if ours != theirs:
            return f"a Dask worker has {name} {ours}, not {theirs}: install the same corpusmill[dask] on all machines"
    return ""


def _on_worker(wanted: tuple[tuple[str, str], ...], do: Callable[..., Any], *arguments: Any) -> Any:
    told = _told(wanted)
    if told:
        raise RunError(told)
    try:
        return do(*arguments)
    except FileNotFoundError as error:
        raise RunError(
            f"a Dask worker on {socket.gethostname()} does not see {error.filename or error}: give --out, or "
            "--work, a folder on a file system that all workers share, under one path"
        ) from error
