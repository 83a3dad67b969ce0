"""Sends a body to a url of any scheme."""

from urllib.parse import urlsplit

import requests

import amqp
import grpcs
import kafkas
import sqs


def post(url: str, body: bytes):
    requests.post(url, data=body, headers={"content-type": "application/json"}, timeout=10)


SENDERS = {"http": post, "grpc": grpcs.send, "kafka": kafkas.send, "amqp": amqp.send, "sqs": sqs.send}


def send(url: str, body: bytes):
    SENDERS[urlsplit(url).scheme](url, body)
