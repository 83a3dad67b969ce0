// Kafka, with kafkajs: each message for itself, or in batches where KAFKA=batch.
"use strict";

const { Kafka, logLevel } = require("kafkajs");

const place = (url) => [
  new Kafka({ brokers: [url.host], clientId: "subject", logLevel: logLevel.ERROR }),
  url.pathname.slice(1),
];

exports.send = async (url, body) => {
  const [kafka, topic] = place(url);
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic, messages: [{ value: body }] });
  await producer.disconnect();
};

exports.serve = async (url, forward) => {
  const [kafka, topic] = place(url);
  const consumer = kafka.consumer({ groupId: topic });
  const joined = new Promise((done) => consumer.on(consumer.events.GROUP_JOIN, done));
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  if (process.env.KAFKA === "batch") {
    await consumer.run({
      eachBatch: async ({ batch }) => {
        for (const message of batch.messages) await forward(message.value.toString());
      },
    });
  } else {
    await consumer.run({ eachMessage: ({ message }) => forward(message.value.toString()) });
  }
  await joined;
};
