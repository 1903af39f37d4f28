"""All contract vectors, by name."""

from tests.contract import (
    vectors_agencies,
    vectors_binary,
    vectors_catalogue,
    vectors_delegations,
    vectors_dossier,
    vectors_envelope,
    vectors_message,
    vectors_time,
)
from tests.contract.building import Vector

VECTORS: dict[str, Vector] = {
    f"{module.__name__.rpartition('_')[2]}: {vector.name}": vector
    for module in (
        vectors_message,
        vectors_envelope,
        vectors_time,
        vectors_dossier,
        vectors_catalogue,
        vectors_agencies,
        vectors_binary,
        vectors_delegations,
    )
    for vector in module.VECTORS
}
