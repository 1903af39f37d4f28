"""The event types as the contract lists them: CloudEvents 1.0 envelopes around one typed `data` each.

These structs are the fast path: what decodes into them has every field of the right type, no unknown field
and every number in range. Forms that types cannot say (instants, identifiers) are checked in `contract`.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

TYPE_DOSSIER = "vn.emc.dossier.v1"
TYPE_PROCEDURE = "vn.emc.procedure.v1"
TYPE_DECLARATION = "vn.emc.declaration.v1"
TYPE_HEARTBEAT = "vn.emc.heartbeat.v1"

Id = Annotated[str, Meta(min_length=1, max_length=128)]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Status = Annotated[int, Meta(ge=1, le=10)]
Text = Annotated[str, Meta(max_length=200)]
Name = Annotated[str, Meta(max_length=500)]
Channel = Literal["direct", "online", "postal"]
ServiceLevel = Literal["full", "partial", "none"]


class Component(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """One component of a dossier, its fields in the order of canonical JSON; null counts as absent."""

    code: Text
    digitised: bool | None = None
    reuse_source: str | None = None
    reused: bool | None = None


class DossierData(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """Part or all of a dossier's state."""

    procedure: str | UnsetType | None = UNSET
    unit: str | UnsetType | None = UNSET
    channel: Channel | UnsetType | None = UNSET
    status: Status | UnsetType | None = UNSET
    submitted_at: str | UnsetType | None = UNSET
    received_at: str | UnsetType | None = UNSET
    due_at: str | UnsetType | None = UNSET
    resolved_at: str | UnsetType | None = UNSET
    returned_at: str | UnsetType | None = UNSET
    electronic_result: bool | UnsetType | None = UNSET
    result_signed: bool | UnsetType | None = UNSET
    components: Annotated[list[Component], Meta(max_length=200)] | UnsetType | None = UNSET
    identified: bool | UnsetType | None = UNSET
    fee_due: bool | UnsetType | None = UNSET
    paid_online: bool | UnsetType | None = UNSET
    removed: bool | UnsetType | None = UNSET
    settled_by: str | UnsetType | None = UNSET
    claimed_level: ServiceLevel | UnsetType | None = UNSET


class ProcedureData(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """An entry of an agency's procedure catalogue; `valid_from` is part of its key."""

    valid_from: str | UnsetType | None = UNSET
    service_level: ServiceLevel | UnsetType | None = UNSET
    eligible_full_online: bool | UnsetType | None = UNSET
    result_required: bool | UnsetType | None = UNSET
    fee_bearing: bool | UnsetType | None = UNSET
    published: bool | UnsetType | None = UNSET
    name: Name | UnsetType | None = UNSET


class DeclarationData(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """What an agency says it handled on a day."""

    received: Count | UnsetType | None = UNSET
    resolved: Count | UnsetType | None = UNSET


class HeartbeatData(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A source system is alive: no fields."""


class _Envelope(msgspec.Struct, tag_field="type", kw_only=True, gc=False):
    specversion: Literal["1.0"]
    id: Id
    source: str
    subject: str
    time: str


class DossierEvent(_Envelope, tag=TYPE_DOSSIER, kw_only=True, gc=False):
    """`vn.emc.dossier.v1`; `subject` is the dossier code."""

    data: DossierData


class ProcedureEvent(_Envelope, tag=TYPE_PROCEDURE, kw_only=True, gc=False):
    """`vn.emc.procedure.v1`; `subject` is the procedure code."""

    data: ProcedureData


class DeclarationEvent(_Envelope, tag=TYPE_DECLARATION, kw_only=True, gc=False):
    """`vn.emc.declaration.v1`; `subject` is a date."""

    data: DeclarationData


class HeartbeatEvent(_Envelope, tag=TYPE_HEARTBEAT, kw_only=True, gc=False):
    """`vn.emc.heartbeat.v1`; `subject` is the source system's name."""

    data: HeartbeatData


Event = DossierEvent | ProcedureEvent | DeclarationEvent | HeartbeatEvent
