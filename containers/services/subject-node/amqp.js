"use strict";

const amqp = require("amqplib");

async function channelTo(url) {
  const connection = await amqp.connect({ protocol: "amqp", hostname: url.hostname, port: Number(url.port) });
  return [connection, await connection.createConfirmChannel()];
}

exports.send = async (url, body) => {
  const [connection, channel] = await channelTo(url);
  const part = (name) => url.searchParams.get(name) || "";
  channel.publish(part("exchange"), part("key"), Buffer.from(body));
  await channel.waitForConfirms();
  await connection.close();
};

exports.serve = async (url, forward) => {
  const [, channel] = await channelTo(url);
  await channel.consume(url.searchParams.get("queue") || url.searchParams.get("key"), async (message) => {
    await forward(message.content.toString());
    channel.ack(message);
  });
};
