"""Parameters that name inputs or datasets: without secrets, for Prefect's server keeps and shows what it was given."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from pipeline.errors import SettingsError
from pipeline.secrets import masked

#: Names of options of a URI that `masked` hides, for schemas: no flags, as browsers read it too.
_HIDDEN = ("key", "secret", "token", "password", "signature")
_WORDS = "|".join(
    f"[{word[0].upper()}{word[0]}]{word[1:]}" for word in ("key", "secret", "token", "password", "signature")
)
#: What a server refuses before it keeps a run or a deployment: KEY:SECRET@ in a URI, and ?secret_key=….
BARE = rf"^(?!.*://[^/?#@]*(@|:.*@))(?!.*[?&][^=&#]*({_WORDS})[^=&#]*=)"

Place = Annotated[str, Field(json_schema_extra={"pattern": BARE})]


def require_bare(places: Iterable[str]) -> None:
    """Raise SettingsError for a URI with credentials: of calls from Python and by hand the server checks no schema."""
    for place in places:
        if masked(place) != place:
            raise SettingsError(
                f"{masked(place)} was given with credentials, which Prefect's server would keep and show: leave them "
                "out of the URI, and give them to the process that runs the flow, by AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY or a profile"
            )
