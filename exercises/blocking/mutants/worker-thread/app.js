// Work in a child, in Node: child_process.fork() starts a fresh Node that runs this same file, joined
// to us by a channel for messages.

'use strict';

const http = require('node:http');
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');

const ROUNDS = 80 * 1000 * 1000;

function stretch(number) {
  for (let round = 0; round < ROUNDS; round++) {
    number = (Math.imul(number, 1664525) + 1013904223) | 0;
  }
  return number >>> 0;
}

function stretchElsewhere(number, done) {
  new Worker(__filename, { workerData: number }).once('message', done);
}

if (!isMainThread) {
  parentPort.postMessage(stretch(workerData));
} else {
  http
    .createServer((request, response) => {
      const url = new URL(request.url, 'http://localhost');
      if (url.pathname !== '/stretch') {
        response.end('Hello, Vizag!\n');
        return;
      }
      const number = parseInt(url.searchParams.get('n').slice(-8), 16);
      stretchElsewhere(number, (result) => response.end(`${result}\n`));
    })
    .listen(8000);
}
