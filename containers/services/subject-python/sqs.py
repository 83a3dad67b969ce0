"""SQS, with boto3. Credentials and region are what emulators take."""

from urllib.parse import urlsplit

import boto3


def client(address: str):
    address = urlsplit(address)
    endpoint = f"http://{address.netloc}"
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "region_name": "elasticmq"}
    return boto3.client("sqs", endpoint_url=endpoint, **keys), endpoint + address.path


def send(url: str, body: bytes):
    sqs, queue = client(url)
    sqs.send_message(QueueUrl=queue, MessageBody=body.decode())


def consume(address: str, forward, ready):
    sqs, queue = client(address)
    ready()
    while True:
        received = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20, MessageSystemAttributeNames=["All"])
        for message in received.get("Messages", []):
            forward(message["Body"].encode())
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
