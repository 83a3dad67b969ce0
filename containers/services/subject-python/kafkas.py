"""Kafka, with confluent-kafka; or with kafka-python's iterator, where KAFKA=iterator."""

import os
from urllib.parse import urlsplit

import confluent_kafka
from kafka import ConsumerRebalanceListener, KafkaConsumer


def place(address: str):
    address = urlsplit(address)
    return address.netloc, address.path.strip("/")


def send(url: str, body: bytes):
    broker, topic = place(url)
    producer = confluent_kafka.Producer({"bootstrap.servers": broker, "linger.ms": 0})
    producer.produce(topic, body)
    producer.flush(10)


def consume(address: str, forward, ready):
    broker, topic = place(address)
    (iterate if os.environ.get("KAFKA") == "iterator" else poll)(broker, topic, forward, ready)


def poll(broker, topic, forward, ready):
    consumer = confluent_kafka.Consumer(
        {"bootstrap.servers": broker, "group.id": topic, "auto.offset.reset": "earliest"}
    )
    consumer.subscribe([topic], on_assign=lambda *_: ready())
    while True:
        record = consumer.poll(1)
        if record and not record.error():
            forward(record.value())


class Ready(ConsumerRebalanceListener):
    def __init__(self, ready):
        self.ready = ready

    def on_partitions_assigned(self, assigned):
        self.ready()

    def on_partitions_revoked(self, revoked):
        pass


def iterate(broker, topic, forward, ready):
    consumer = KafkaConsumer(bootstrap_servers=broker, group_id=topic, auto_offset_reset="earliest")
    consumer.subscribe([topic], listener=Ready(ready))
    for record in consumer:
        forward(record.value)
