"""Plays any part on a route, over any transport, and knows nothing of tracing: that is the point.

What arrives is a JSON list, `[{"url": …, "arguments": …}]`; the arguments of each element are sent on to its url. HTTP
is served on port 8080 and gRPC on 8081. LISTEN names, separated by commas, the queues and topics to consume from.
"""

import json
import os
import threading

import uvicorn
from fastapi import Body, FastAPI

import amqp
import grpcs
import kafkas
import outgoing
import sqs

CONSUMERS = {"kafka": kafkas.consume, "amqp": amqp.consume, "sqs": sqs.consume}


def forward(body: bytes):
    for call in json.loads(body or b"[]"):
        outgoing.send(call["url"], json.dumps(call["arguments"]).encode())


app = FastAPI()


@app.post("/{path:path}")
def post(calls: list[dict] = Body()):
    forward(json.dumps(calls).encode())


def listen(address: str):
    """Consumes on a thread of its own, and returns when it is ready."""
    consume = CONSUMERS.get(address.split(":")[0])
    if consume:
        ready = threading.Event()
        threading.Thread(target=consume, args=(address, forward, ready.set), daemon=True).start()
        ready.wait()


class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        print("ready")


if __name__ == "__main__":
    grpcs.serve(8081, forward)
    for address in filter(None, os.environ.get("LISTEN", "").split(",")):
        listen(address)
    Server(uvicorn.Config(app, host="0.0.0.0", port=8080)).run()
