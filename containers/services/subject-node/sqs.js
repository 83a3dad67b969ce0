// SQS. Credentials and region are what emulators take.
"use strict";

const sqs = require("@aws-sdk/client-sqs");

const place = (url) => {
  const endpoint = `http://${url.host}`;
  const credentials = { accessKeyId: "x", secretAccessKey: "x" };
  return [new sqs.SQSClient({ endpoint, region: "elasticmq", credentials }), endpoint + url.pathname];
};

exports.send = async (url, body) => {
  const [client, QueueUrl] = place(url);
  await client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: body }));
};

exports.serve = async (url, forward) => {
  const [client, QueueUrl] = place(url);
  const poll = async () => {
    const wanted = { WaitTimeSeconds: 20, MessageSystemAttributeNames: ["All"] };
    const received = await client.send(new sqs.ReceiveMessageCommand({ QueueUrl, ...wanted }));
    for (const { Body, ReceiptHandle } of received.Messages || []) {
      await forward(Body);
      await client.send(new sqs.DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  };
  (async () => {
    for (;;) await poll();
  })();
};
