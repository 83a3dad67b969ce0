"""Stands between two services, hands on what comes as it is, and knows nothing of tracing.

FORWARD=http://host:port is where the requests go on to that come to port 8080. FORWARD=kafka://broker:9092/topic is
where the records go on to that come from LISTEN=kafka://broker:9092/topic.
"""

import http.client
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

forward = urlsplit(os.environ["FORWARD"])


class Proxy(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        onward = http.client.HTTPConnection(forward.netloc)
        onward.putrequest("POST", self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            onward.putheader(name, value)
        onward.endheaders(body)
        answer = onward.getresponse()
        said = answer.read()
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_):
        pass


def topic(address):
    return address.path.strip("/")


def bridge():
    listen = urlsplit(os.environ["LISTEN"])
    consumer = KafkaConsumer(bootstrap_servers=listen.netloc)
    partition = TopicPartition(topic(listen), 0)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    producer = KafkaProducer(bootstrap_servers=forward.netloc)
    print("ready", flush=True)
    for record in consumer:
        producer.send(topic(forward), record.value, record.key, record.headers)
        producer.flush()


if forward.scheme == "http":
    server = ThreadingHTTPServer(("", 8080), Proxy)
    print("ready", flush=True)
    server.serve_forever()
else:
    bridge()
