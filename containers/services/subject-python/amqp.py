"""AMQP, with pika; or with aio-pika, where AMQP is `aio-callback` or `aio-iterator`."""

import asyncio
import os
from urllib.parse import parse_qs, urlsplit

import aio_pika
import pika


def connect(address: str):
    address = urlsplit(address)
    # A consumer that waits for a slow call must not be thrown out.
    return pika.BlockingConnection(pika.ConnectionParameters(address.hostname, address.port, "/", heartbeat=0))


def part(address: str, name: str) -> str:
    return parse_qs(urlsplit(address).query).get(name, [""])[0]


def send(url: str, body: bytes):
    with connect(url) as connection:
        connection.channel().basic_publish(part(url, "exchange"), part(url, "key"), body)


def consume(address: str, forward, ready):
    queue = part(address, "queue") or part(address, "key")
    mode = os.environ.get("AMQP", "callback")
    if mode == "callback":
        blocking(address, queue, forward, ready)
    else:
        asyncio.run(asynchronous(address, queue, forward, ready, mode == "aio-iterator"))


def blocking(address, queue, forward, ready):
    def on_message(channel, method, _, body):
        forward(body)
        channel.basic_ack(method.delivery_tag)

    channel = connect(address).channel()
    channel.basic_consume(queue, on_message)
    ready()
    channel.start_consuming()


async def asynchronous(address, queue, forward, ready, iterate):
    async def on_message(message):
        async with message.process():
            forward(message.body)

    broker = urlsplit(address)
    connection = await aio_pika.connect(host=broker.hostname, port=broker.port)
    channel = await connection.channel()
    queue = await channel.get_queue(queue, ensure=False)
    ready()
    if iterate:
        async with queue.iterator() as messages:
            async for message in messages:
                await on_message(message)
    else:
        await queue.consume(on_message)
        await asyncio.Event().wait()
