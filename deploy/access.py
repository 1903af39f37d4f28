"""Who may do what in Kafka: brings users and permissions to what `kafka/access.toml` says.

    python -m deploy.access --kafka HOSTS --secrets DIRECTORY [--brokers 3]

Connects with the EMC_KAFKA_* settings, as a super user. Passwords are read from `kafka_NAME_password` in the
directory. Permissions that the file does not name are taken away, so the file says it all; repeating it
changes nothing. Users that the file no longer names keep their password but may do nothing.
"""

import argparse
import os
import sys
import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from kafka.errors import KafkaError, NoError

from emc import settings
from emc.errors import ComponentError, EmcError, SettingError
from emc.settings.commands import Places
from emc.settings.setting import read_group

ACCESS = Path(__file__).parent / "kafka" / "access.toml"
ITERATIONS = 8192  # of the hash; brokers refuse more than 16384 and fewer than 4096
_KINDS = {"topics": ResourceType.TOPIC, "groups": ResourceType.GROUP}
_ANY = ACLFilter(
    None,
    None,
    ACLOperation.ANY,
    ACLPermissionType.ANY,
    ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY),
)


@dataclass(frozen=True, order=True)
class Permission:
    """`user` may do `operation` on the topic or group `name`; `kind` is `topics` or `groups`."""

    user: str
    kind: str
    name: str
    operation: str

    def acl(self) -> ACL:
        """The rule in Kafka's form, from any host."""
        pattern = ResourcePattern(_KINDS[self.kind], self.name)
        return ACL(f"User:{self.user}", "*", ACLOperation[self.operation], ACLPermissionType.ALLOW, pattern)


@dataclass(frozen=True)
class Access:
    """Users in the order of the file, and what they may do."""

    users: tuple[str, ...]
    permissions: frozenset[Permission]


def read_access(path: Path = ACCESS) -> Access:
    """What the file says; SettingError names what it does not understand."""
    try:
        users = tomllib.loads(path.read_text("utf-8")).get("users", {})
    except (OSError, ValueError) as error:
        raise SettingError(f"{path} is not readable TOML ({type(error).__name__})") from error
    return Access(tuple(users), frozenset(p for user in users for p in _permissions(user, users[user])))


def _permissions(user: str, rights: Mapping[str, Mapping[str, Sequence[str]]]) -> list[Permission]:
    found = [
        Permission(user, kind, name, operation)
        for kind, names in rights.items()
        for name, operations in names.items()
        for operation in operations
    ]
    for each in found:
        if each.kind not in _KINDS or each.operation not in ACLOperation.__members__:
            raise SettingError(
                f"users.{user}.{each.kind} has {each.operation!r}, expected topics or groups with operations"
                " of Kafka such as READ, WRITE or DESCRIBE"
            )
    return found


def apply(
    bootstrap: str,
    passwords: Mapping[str, str],
    access: Access,
    *,
    brokers: int = 1,
    client: Mapping[str, Any] | None = None,
    patience: float = 120.0,
) -> tuple[int, int]:
    """Set users and permissions; returns how many permissions were given and taken.

    Waits until `brokers` brokers take requests. ComponentError when they do not within `patience` seconds,
    or Kafka refuses; SettingError when a password is absent.
    """
    absent = [user for user in access.users if user not in passwords]
    if absent:
        raise SettingError(f"there is no password for {', '.join(absent)}")
    wait_for(bootstrap, brokers, client or {}, patience)
    try:
        with KafkaAdminClient(bootstrap_servers=bootstrap, **(client or {})) as admin:
            _set_users(admin, {user: passwords[user] for user in access.users})
            return _set_permissions(admin, access.permissions)
    except KafkaError as error:
        raise ComponentError(f"Kafka at {bootstrap} refuses ({type(error).__name__}).") from error


def wait_for(bootstrap: str, brokers: int, client: Mapping[str, Any], patience: float) -> None:
    """Returns once that many brokers take requests; ComponentError after `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        found, problem = _brokers(bootstrap, client)
        if found >= brokers:
            return
        if time.monotonic() > deadline:
            raise ComponentError(
                f"Kafka at {bootstrap} has {found} of {brokers} brokers after {patience:.0f} s{problem}."
            )
        time.sleep(0.5)


def _brokers(bootstrap: str, client: Mapping[str, Any]) -> tuple[int, str]:
    """Brokers that take requests, and what is in the way."""
    try:
        with KafkaAdminClient(
            bootstrap_servers=bootstrap, bootstrap_timeout_ms=3000, request_timeout_ms=5000, **client
        ) as admin:
            return sum(not broker.get("is_fenced") for broker in admin.describe_cluster()["brokers"]), ""
    except (OSError, KafkaError) as error:
        return 0, f" ({type(error).__name__})"


def _set_users(admin: KafkaAdminClient, passwords: Mapping[str, str]) -> None:
    if not passwords:
        return
    answers = admin.alter_user_scram_credentials(
        [
            UserScramCredentialUpsertion(user, ScramMechanism.SCRAM_SHA_512, password, ITERATIONS)
            for user, password in passwords.items()
        ]
    )
    refused = {user: reason for user, reason in answers.items() if reason}
    if refused:
        raise ComponentError("; ".join(f"Kafka refuses the user {u}: {r}" for u, r in refused.items()))


def _set_permissions(admin: KafkaAdminClient, wanted: frozenset[Permission]) -> tuple[int, int]:
    rules, error = admin.describe_acls(_ANY)
    if error is not NoError:
        raise ComponentError(f"Kafka does not tell its permissions ({error.__name__}).")
    asked = {permission.acl() for permission in wanted}
    new = [acl for acl in asked if acl not in rules]
    old = [acl for acl in rules if acl not in asked]
    if new and (failed := admin.create_acls(new)["failed"]):
        raise ComponentError(f"Kafka refuses {len(failed)} permissions ({failed[0].__name__}).")
    for _, _, answer in admin.delete_acls([_exactly(acl) for acl in old]) if old else []:
        if answer is not NoError:
            raise ComponentError(f"Kafka does not take a permission away ({answer.__name__}).")
    return len(new), len(old)


def _exactly(acl: ACL) -> ACLFilter:
    pattern = acl.resource_pattern
    return ACLFilter(
        acl.principal,
        acl.host,
        acl.operation,
        acl.permission_type,
        ResourcePatternFilter(pattern.resource_type, pattern.resource_name, pattern.pattern_type),
    )


def read_passwords(directory: Path, users: Sequence[str]) -> dict[str, str]:
    """The password of each user, from its file; SettingError names the file that is of no use."""
    found = {}
    for user in users:
        path = directory / f"kafka_{user.replace('-', '_')}_password"
        try:
            found[user] = path.read_text("utf-8").strip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingError(f"{path} cannot be read ({type(error).__name__})") from None
        if not found[user]:
            raise SettingError(f"{path} is empty")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 0 done, 1 Kafka refuses, 2 asked wrongly."""
    parser = argparse.ArgumentParser(prog="python -m deploy.access", description=__doc__.splitlines()[0])
    parser.add_argument("--kafka", help="host:port of brokers; else EMC_KAFKA")
    parser.add_argument("--secrets", type=Path, default=Path("/run/secrets"), help="directory of passwords")
    parser.add_argument("--access", type=Path, default=ACCESS, help="the file of users and permissions")
    parser.add_argument("--brokers", type=int, default=1, help="wait for that many")
    asked = parser.parse_args(arguments)
    try:
        kafka = asked.kafka or read_group(Places, os.environ).kafka
        if not kafka:
            parser.error("--kafka or EMC_KAFKA is needed")
        access = read_access(asked.access)
        passwords = read_passwords(asked.secrets, access.users)
        client = settings.current().kafka.security()
        given, taken = apply(kafka, passwords, access, brokers=asked.brokers, client=client)
    except EmcError as error:
        print(f"access: {error}", file=sys.stderr)
        return 2 if isinstance(error, SettingError) else 1
    print(f"{len(access.users)} users; {given} permissions given, {taken} taken away")
    return 0


if __name__ == "__main__":
    sys.exit(main())
