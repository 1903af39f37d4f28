"""What a service needs that is not its data, looked at before anything is made."""

from cli.runtime.exposed_metrics import site_limits
from deploy import jars
from deploy.kafka_process import java
from emc.registry import Registry


def check_prerequisites(registry: Registry) -> None:
    """Returns when Java, the broker's jars and the thresholds file are of use; EmcError names what is not.

    Jars that are not in the cache yet are fetched here.
    """
    site_limits(registry)
    java()
    jars.class_path()
