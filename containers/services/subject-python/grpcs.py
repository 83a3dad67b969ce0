"""gRPC without generated code: one method, under whatever name it is called; the body is field 1 of the request."""

from concurrent import futures
from urllib.parse import urlsplit

import grpc


def wrap(body: bytes) -> bytes:
    length, size = len(body), b""
    while length > 0x7F:
        size += bytes([length & 0x7F | 0x80])
        length >>= 7
    return b"\x0a" + size + bytes([length]) + body


def unwrap(request: bytes) -> bytes:
    at = 1
    while at < len(request) and request[at] & 0x80:
        at += 1
    return request[at + 1 :]


class Anything(grpc.GenericRpcHandler):
    def __init__(self, forward):
        self.forward = forward

    def service(self, _):
        return grpc.unary_unary_rpc_method_handler(self.take)

    def take(self, request, _):
        self.forward(unwrap(request))
        return b""


def serve(port: int, forward):
    server = grpc.server(futures.ThreadPoolExecutor(4), handlers=[Anything(forward)])
    server.add_insecure_port(f"0.0.0.0:{port}")
    server.start()
    # Whoever drops a server stops it.
    serve.server = server


def send(url: str, body: bytes):
    address = urlsplit(url)
    with grpc.insecure_channel(address.netloc) as channel:
        channel.unary_unary(address.path)(wrap(body), timeout=10)
