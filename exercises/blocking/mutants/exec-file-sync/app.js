// Work in a child, in Node: child_process.fork() starts a fresh Node that runs this same file, joined
// to us by a channel for messages.

'use strict';

const { execFileSync } = require('node:child_process');
const http = require('node:http');

const ROUNDS = 80 * 1000 * 1000;

function stretch(number) {
  for (let round = 0; round < ROUNDS; round++) {
    number = (Math.imul(number, 1664525) + 1013904223) | 0;
  }
  return number >>> 0;
}

function stretchElsewhere(number, done) {
  done(Number(execFileSync(process.execPath, [__filename, 'child', String(number)])));
}

if (process.argv[2] === 'child') {
  console.log(stretch(Number(process.argv[3])));
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
