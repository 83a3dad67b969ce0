// gRPC without generated code: the body is field 1 of the request. A server of grpc-js has to know its methods by name.
"use strict";

const grpc = require("@grpc/grpc-js");

function wrap(body) {
  const bytes = Buffer.from(body);
  const size = [];
  let length = bytes.length;
  for (; length > 0x7f; length >>>= 7) size.push((length & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([0x0a, ...size, length]), bytes]);
}

function unwrap(request) {
  let at = 1;
  while (request[at] & 0x80) at++;
  return request.subarray(at + 1).toString();
}

const asIs = (bytes) => bytes;
const methodAt = (path) => ({
  path,
  requestStream: false,
  responseStream: false,
  requestSerialize: wrap,
  requestDeserialize: unwrap,
  responseSerialize: asIs,
  responseDeserialize: asIs,
});

exports.serve = (url, forward) =>
  new Promise((done, failed) => {
    const server = new grpc.Server();
    const take = (call, answer) => forward(call.request).then(() => answer(null, Buffer.alloc(0)), answer);
    server.addService({ Take: methodAt(url.pathname) }, { Take: take });
    const credentials = grpc.ServerCredentials.createInsecure();
    server.bindAsync("0.0.0.0:8081", credentials, (error) => (error ? failed(error) : done()));
  });

exports.send = (url, body) =>
  new Promise((done, failed) => {
    const Client = grpc.makeGenericClientConstructor({ Take: methodAt(url.pathname) }, "");
    const client = new Client(url.host, grpc.credentials.createInsecure());
    client.Take(body, (error) => {
      client.close();
      error ? failed(error) : done();
    });
  });
