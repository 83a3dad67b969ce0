"""Speaks the protocol of the W3C trace-context test suite from a Kafka topic, and knows nothing of tracing.

The value of each record is `[{"url": …, "arguments": …}]`; the arguments of each element are POSTed on to its url.
LISTEN=kafka://broker:9092/topic says where the records come from; the group is named after the topic.
HEARTBEAT=0.1 makes it call somebody every so many seconds.
"""

import json
import os
import signal
import sys
import threading
import time
from urllib.parse import urlsplit

import requests
from kafka import ConsumerRebalanceListener, KafkaConsumer

# Python's default would end the process before the exporter's exit hook has sent the last spans.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


class Ready(ConsumerRebalanceListener):
    def on_partitions_assigned(self, assigned):
        print("ready", flush=True)

    def on_partitions_revoked(self, revoked):
        pass



# As services do, it calls somebody of its own accord, when it starts and again and again: that is of no request.
def call():
    try:
        requests.head("http://127.0.0.1:9/", timeout=1)
    except requests.RequestException:
        pass


def beat(every: float):
    while True:
        time.sleep(every)
        call()


call()
if every := os.environ.get("HEARTBEAT"):
    threading.Thread(target=beat, args=[float(every)], daemon=True).start()

address = urlsplit(os.environ["LISTEN"])
topic = address.path.strip("/")
consumer = KafkaConsumer(bootstrap_servers=address.netloc, group_id=topic, auto_offset_reset="earliest")
consumer.subscribe([topic], listener=Ready())
for record in consumer:
    for call in json.loads(record.value):
        try:
            requests.post(call["url"], json=call["arguments"], timeout=10)
        except requests.RequestException as error:
            print(error, file=sys.stderr)
