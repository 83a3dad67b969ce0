// Plays any part on a route, over any transport, and knows nothing of tracing: that is the point.
//
// What arrives is a JSON list, `[{"url": …, "arguments": …}]`; the arguments of each element are sent on to its url. HTTP
// is served on port 8080 and gRPC on 8081. LISTEN names, separated by commas, the methods, queues and topics to serve.
"use strict";

const express = require("express");
const amqp = require("./amqp");
const grpc = require("./grpc");
const http = require("./http");
const kafka = require("./kafka");
const sqs = require("./sqs");

const transports = { amqp, grpc, http, kafka, sqs };
const transportOf = (url) => transports[new URL(url).protocol.slice(0, -1)];

async function forward(body) {
  for (const call of JSON.parse(body || "[]")) {
    await transportOf(call.url).send(new URL(call.url), JSON.stringify(call.arguments));
  }
}

async function main() {
  const app = express();
  app.use(express.text({ type: () => true }));
  app.post(/.*/, async (request, response) => {
    await forward(request.body);
    response.end();
  });
  await new Promise((listening) => app.listen(8080, listening));
  for (const address of (process.env.LISTEN || "").split(",").filter(Boolean)) {
    await transportOf(address).serve?.(new URL(address), forward);
  }
  console.log("ready");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
