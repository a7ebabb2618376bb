"""How a flow run ends, and when a task is tried again."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.states import Completed, Failed
from prefect.task_engine import TaskRunTimeoutError
from prefect.tasks import Task

from pipeline.cli.failures import mended
from pipeline.errors import CorpusmillError, RunError

Result = TypeVar("Result")

#: What a network file system or an object store answers today and not in a minute. An error without number is
#: from an object store: Arrow gives none.
TRANSIENT = {
    None,
    errno.EAGAIN,
    errno.EBUSY,
    errno.ECONNREFUSED,
    errno.ECONNRESET,
    errno.EHOSTUNREACH,
    errno.EIO,
    errno.ENETUNREACH,
    errno.ESTALE,
    errno.ETIMEDOUT,
}


#: What an object store answers in a minute as well.
_REFUSED = re.compile("ACCESS_DENIED|NO_SUCH|INVALID|SIGNATURE|NOT_FOUND|HTTP status 4")


class Outcome(NamedTuple):
    """What a flow has to say at its end, and its result."""

    message: str
    result: Any


def ended(work: Callable[[], Outcome], hours: float) -> Any:
    """Return the final state of a flow run: completed with a message, or failed with one sentence.

    To the caller of a flow Prefect hands the result in the state, or raises the error in it: hence Any. An error
    that is none of ours is a bug, and is left to Prefect, which logs where it arose.
    """
    try:
        outcome = work()
    except TaskRunTimeoutError:
        error = RunError(
            f"stopped after {hours:g} h, the time limit, and nothing was published: start the same run again with "
            "more hours, it goes on where it was"
        )
        return Failed(name="TimedOut", message=str(error), data=error)
    except CorpusmillError as error:
        return Failed(message=str(error), data=error)
    except OSError as error:
        return Failed(message=mended(error), data=error)
    return Completed(message=outcome.message, data=outcome.result)


def is_transient(_: Task[..., Any], __: TaskRun, state: State[Any]) -> bool:
    """Return whether the task may be tried again: its error is one of TRANSIENT, or was caused by one."""
    error = cast(BaseException, state.result(raise_on_failure=False))
    # The context: what `stores.asked` says has no cause, for that names the URI with its secrets.
    cause = error if isinstance(error, OSError) else error.__cause__ or error.__context__
    if not isinstance(cause, OSError) or isinstance(cause, TaskRunTimeoutError) or cause.errno not in TRANSIENT:
        return False
    return cause.errno is not None or not _REFUSED.search(str(cause))


#: Options of every task: it hands on paths, never tables, and what is done our own content keys decide.
PLAIN: dict[str, Any] = {"cache_policy": NO_CACHE, "persist_result": False}
#: Options of a task that reads or writes files of the user's: two more tries, for a disk that is away for a moment.
IO_RETRIES: dict[str, Any] = {"retries": 2, "retry_delay_seconds": [10, 60], "retry_condition_fn": is_transient}
