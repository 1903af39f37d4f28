"""An OpenID provider that people may sign in with."""

from typing import Annotated

import msgspec

from emc.errors import SettingError
from emc.settings.files import secret
from emc.settings.setting import FileName, means, named


class OpenId(msgspec.Struct, frozen=True):
    """An OpenID provider to sign in with instead of a token."""

    issuer: Annotated[str, means("Address of the provider; not set: people sign in with tokens only.")] = (
        named("EMC_OIDC_ISSUER", "")
    )
    client_id: Annotated[str, means("What the provider calls this service.")] = named(
        "EMC_OIDC_CLIENT_ID", "emc"
    )
    client_secret_file: Annotated[FileName | None, means("File that holds the client's secret.")] = named(
        "EMC_OIDC_CLIENT_SECRET_FILE"
    )
    name: Annotated[str, means("What people call the provider.")] = named("EMC_OIDC_NAME", "OpenID")
    scope: Annotated[str, means("Scopes asked of the provider, with blanks between.")] = named(
        "EMC_OIDC_SCOPE", "openid"
    )
    agency_claim: Annotated[str, means("Claim with the agency's code, or `operator`.")] = named(
        "EMC_OIDC_AGENCY_CLAIM", "emc_agency"
    )
    scopes_claim: Annotated[str, means("Claim with what one may do: `rates:read`, …")] = named(
        "EMC_OIDC_SCOPES_CLAIM", "emc_scopes"
    )

    def secret(self) -> str:
        """The client's secret; SettingError when its file is not named or of no use."""
        if not self.client_secret_file:
            raise SettingError("EMC_OIDC_CLIENT_SECRET_FILE is not set, but EMC_OIDC_ISSUER is")
        return secret("EMC_OIDC_CLIENT_SECRET_FILE", self.client_secret_file)
