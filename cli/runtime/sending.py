"""What a process needs to take events over HTTP, from the settings."""

from emc import settings
from portal.access.entrance import Entrance
from portal.sending.limits import SendLimits
from portal.sending.routes import Sending
from producers.courier import Courier
from producers.source_words import load_source_words


def sending_of(entrance: Entrance, courier: Courier) -> Sending:
    """The routes' room; SettingError when the site's words of sources cannot be read."""
    return Sending(entrance.guard, courier, SendLimits.of(settings.current().door), load_source_words())
