"""`python -m flows.serve`: the deployments of prefect.yaml, served by this process; no work pool and no worker.

For one machine. Runs are processes of their own, started here; with this process the schedules stop.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import click
from prefect import serve
from prefect.client.schemas.objects import ConcurrencyLimitConfig
from prefect.deployments.runner import RunnerDeployment
from prefect.flows import Flow
from prefect.schedules import Schedule
from prefect.settings import get_current_settings
from prefect.types.entrypoint import EntrypointType
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from flows import server
from pipeline.cli.failures import told
from pipeline.errors import RunError, SettingsError


def deployments(file: Path) -> list[RunnerDeployment]:
    """Return the deployments that the file describes, with their parameters, schedules and limits.

    Raises SettingsError when the file cannot be read, or describes none.
    """
    try:
        described = YAML(typ="safe").load(file.read_text("utf-8"))["deployments"]
    except OSError as error:
        raise SettingsError(f"cannot read {file} ({error.strerror}): start in the folder with prefect.yaml") from None
    except (YAMLError, KeyError, TypeError) as error:
        raise SettingsError(f"{file} describes no deployments ({error!r}): see docs/scheduling.md") from None
    return [_deployment(entry) for entry in described]


def _deployment(entry: dict[str, Any]) -> RunnerDeployment:
    limit = entry.get("concurrency_limit")
    return RunnerDeployment.from_flow(
        _flow(entry["entrypoint"]),
        entry["name"],
        description=entry.get("description"),
        tags=entry.get("tags"),
        parameters=entry.get("parameters"),
        schedules=[Schedule(**schedule) for schedule in entry.get("schedules", [])],
        concurrency_limit=ConcurrencyLimitConfig(**limit) if limit else None,
        # A deployment that `prefect deploy` made before keeps its empty path, from which no file could be loaded.
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


def _flow(entrypoint: str) -> Flow[..., Any]:
    """Return the flow that "flows/clean.py:clean" names."""
    file, _, name = entrypoint.partition(":")
    try:
        flow: Flow[..., Any] = getattr(import_module(file.removesuffix(".py").replace("/", ".")), name)
    except (ImportError, AttributeError) as error:
        raise SettingsError(
            f"there is no flow {entrypoint} ({error}): write entrypoint: flows/clean.py:clean"
        ) from error
    return flow


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.argument("file", default="prefect.yaml", type=click.Path(path_type=Path))
@click.option("--limit", default=2, show_default=True, help="Most runs at a time.")
def main(file: Path, limit: int) -> None:
    """Serve the deployments of FILE, prefect.yaml unless told, until this process is stopped."""
    with told():
        if get_current_settings().api.url is None:
            raise RunError(
                "there is no server to keep the schedules: `prefect server start`, then "
                "`prefect config set PREFECT_API_URL=http://127.0.0.1:4200/api`"
            )
        with server.reached():
            serve(*deployments(file), limit=limit, pause_on_shutdown=False)


if __name__ == "__main__":
    main()
