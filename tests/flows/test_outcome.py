"""How runs end: one sentence for what a user can mend, and another try only where it may help."""

from __future__ import annotations

import errno
from typing import Any

import pytest
from prefect.client.schemas.objects import State
from prefect.states import Failed
from prefect.task_engine import TaskRunTimeoutError

from flows.outcome import Outcome, ended, is_transient
from pipeline.errors import OutputError, RunError
from pipeline.stores import asked


def raising(error: BaseException) -> Any:
    def work() -> Outcome:
        raise error

    return work


def test_a_run_completes_with_its_message_and_result() -> None:
    state: State[Any] = ended(lambda: Outcome("all well", {"counts": 1}), 1)
    assert (state.type.value, state.message, state.data) == ("COMPLETED", "all well", {"counts": 1})


@pytest.mark.parametrize(
    ("error", "name", "message"),
    [
        (OutputError("out is taken: give another"), "Failed", "out is taken: give another"),
        (
            OSError(errno.ENOSPC, "No space left on device", "/out/x"),
            "Failed",
            "No space left on device (/out/x): mend that and start the same command again, it goes on where it was",
        ),
        (
            TaskRunTimeoutError("Scope timed out"),
            "TimedOut",
            "stopped after 1.5 h, the time limit, and nothing was published: start the same run again with more hours, "
            "it goes on where it was",
        ),
    ],
    ids=["ours", "system", "time"],
)
def test_a_run_fails_with_one_sentence(error: Exception, name: str, message: str) -> None:
    state: State[Any] = ended(raising(error), 1.5)
    assert (state.type.value, state.name, state.message) == ("FAILED", name, message)
    assert isinstance(state.data, Exception)


def test_a_bug_is_left_to_prefect() -> None:
    with pytest.raises(ZeroDivisionError):
        ended(raising(ZeroDivisionError()), 1)


def caused(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


def hidden(answer: str) -> Exception:
    """What is raised where the store answers so."""

    def ask() -> None:
        raise OSError(answer)

    with pytest.raises(RunError) as error:
        asked("s3://mill/out", ask)
    return error.value


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (OSError(errno.ESTALE, "Stale file handle"), True),
        (OSError("AWS Error NETWORK_CONNECTION during PutObject operation"), True),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), True),
        (caused(OutputError("cannot write"), OSError(errno.EIO, "Input/output error")), True),
        (OSError(errno.ENOSPC, "No space left on device"), False),
        (PermissionError(errno.EACCES, "Permission denied"), False),
        (OutputError("out is taken"), False),
        (TaskRunTimeoutError("Scope timed out"), False),
        (ValueError("a bug"), False),
        (OSError("AWS Error ACCESS_DENIED during HeadObject operation: No response body."), False),
        (hidden("AWS Error NETWORK_CONNECTION during ListObjectsV2 operation"), True),
        (hidden("AWS Error NO_SUCH_BUCKET during CreateMultipartUpload operation"), False),
    ],
    ids=lambda value: type(value).__name__ + str(getattr(value, "errno", "")) if isinstance(value, Exception) else None,
)
def test_only_what_may_pass_is_tried_again(error: Exception, again: bool) -> None:
    state: Any = Failed(data=error)
    assert is_transient(None, None, state) is again  # type: ignore[arg-type]
