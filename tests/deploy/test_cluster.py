"""Three brokers as one cluster: copies, access rules, and the loss of one."""

from pathlib import Path

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ACL, ACLOperation, ACLPermissionType, ResourcePattern, ResourceType
from kafka.errors import TopicAuthorizationFailedError

from deploy.broker import SHORT_LIVED, Options
from deploy.cluster import Cluster
from deploy.topics import ensure_topics

SCRAM = "SCRAM-SHA-512"
ADMIN_LOGIN = (
    'org.apache.kafka.common.security.scram.ScramLoginModule required username="admin" password="a-secret";'
)


def login(name: str) -> dict[str, object]:
    return {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": SCRAM,
        "sasl_plain_username": name,
        "sasl_plain_password": f"{name[0]}-secret",
    }


SECURED = Options(
    properties={
        "listener.security.protocol.map": "CLIENTS:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
        "sasl.enabled.mechanisms": SCRAM,
        "sasl.mechanism.inter.broker.protocol": SCRAM,
        "listener.name.clients.scram-sha-512.sasl.jaas.config": ADMIN_LOGIN,
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:admin;User:ANONYMOUS",
    },
    users={"admin": "a-secret", "gateway": "g-secret", "reader": "r-secret"},
    client=login("admin"),
    java=SHORT_LIVED,
)


def allow(cluster: Cluster, name: str, operation: ACLOperation, topic: str) -> None:
    rule = ACL(
        f"User:{name}", "*", operation, ACLPermissionType.ALLOW, ResourcePattern(ResourceType.TOPIC, topic)
    )
    with KafkaAdminClient(bootstrap_servers=cluster.bootstrap, **login("admin")) as admin:
        admin.create_acls([rule])


@pytest.mark.timeout(400)
def test_users_rules_and_the_loss_of_one_of_three(tmp_path: Path) -> None:
    with Cluster(tmp_path, 3, SECURED) as cluster:
        topic = ensure_topics(cluster.bootstrap, 3, replication=3, client=login("admin"))[0]
        assert topic.replication == 3
        assert topic.config["min.insync.replicas"] == "2"
        allow(cluster, "gateway", ACLOperation.WRITE, topic.name)
        allow(cluster, "reader", ACLOperation.READ, topic.name)
        with (
            KafkaProducer(
                bootstrap_servers=cluster.bootstrap, enable_idempotence=False, **login("reader")
            ) as producer,
            pytest.raises(TopicAuthorizationFailedError),
        ):
            producer.send(topic.name, b"refused", partition=0).get(60)
        cluster.brokers[0].kill()
        with KafkaProducer(bootstrap_servers=cluster.bootstrap, **login("gateway")) as producer:
            for partition in range(3):
                producer.send(topic.name, b"%d" % partition, partition=partition).get(60)
        cluster.brokers[0].start()
        with KafkaConsumer(
            bootstrap_servers=cluster.bootstrap, auto_offset_reset="earliest", **login("reader")
        ) as consumer:
            consumer.assign([TopicPartition(topic.name, partition) for partition in range(3)])
            assert sorted(next(consumer).value for _ in range(3)) == [b"0", b"1", b"2"]
