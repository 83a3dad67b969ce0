"use strict";

const http = require("node:http");

exports.send = (url, body) =>
  new Promise((done, failed) => {
    const headers = { "content-type": "application/json" };
    const request = http.request(url, { method: "POST", headers }, (response) => response.resume().on("end", done));
    request.on("error", failed).end(body);
  });
