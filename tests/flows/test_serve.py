"""prefect.yaml: every deployment can be made, its schedule is paused, its parameters fit the flow."""

from __future__ import annotations

from pathlib import Path

import pytest
from prefect.flows import Flow

from flows import serve
from pipeline.errors import SettingsError

HOUSE = Path(__file__).parent.parent.parent


def test_the_deployments_of_the_file() -> None:
    found = serve.deployments(HOUSE / "prefect.yaml")
    assert len({(each.flow_name, each.name) for each in found}) == len(found) >= 4
    for each in found:
        assert each.concurrency_limit == 1
        assert each.concurrency_options is not None
        assert each.concurrency_options.collision_strategy.value == "CANCEL_NEW"
        assert each.schedules and not any(schedule.active for schedule in each.schedules)
        assert each.entrypoint is not None
        flow: Flow[..., object] = serve._flow(each.entrypoint.replace(".", "/", 1).replace(".", ".py:"))
        flow.validate_parameters(each.parameters or {})
        properties = each._parameter_openapi_schema.properties
        assert all(one.get("description") for one in properties.values()), "the form explains each parameter"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot read"),
        ("deployments: [", "describes no deployments"),
        ("name: x", "describes no deployments"),
        ("deployments: [{name: a, entrypoint: 'flows/none.py:none'}]", "there is no flow flows/none.py:none"),
    ],
)
def test_a_file_that_cannot_be_taken(text: str | None, said: str, tmp_path: Path) -> None:
    file = tmp_path / "prefect.yaml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(SettingsError, match=said):
        serve.deployments(file)
