"""Speaks the protocol of the W3C trace-context test suite over HTTP, and knows nothing of tracing: that is the point.

A POST to any path carries `[{"url": …, "arguments": …}]`; the arguments of each element are POSTed on to its url.
"""

import signal
import sys

import requests
from fastapi import Body, FastAPI

# Without a handler of its own the process would die before the exporter's exit hook has sent the last spans.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

app = FastAPI()


@app.post("/{path:path}")
def forward(calls: list[dict] = Body()):
    for call in calls:
        requests.post(call["url"], json=call["arguments"], timeout=10)
