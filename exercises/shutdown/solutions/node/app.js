// A cluster that closes in good order, in Node.
//
// server.close() stops taking connections, sends idle ones away, and calls back when the last
// request in hand is answered. The primary only has to pass the word on, and not to hire any more.

'use strict';

const cluster = require('node:cluster');
const http = require('node:http');
const os = require('node:os');

const PORT = 8000;

if (cluster.isPrimary) {
  let closing = false;
  console.log(`Master ${process.pid} is running`);

  cluster.on('exit', (worker) => {
    console.log(`Worker ${worker.process.pid} ended`);
    if (!closing) {
      cluster.fork();
    }
  });

  process.on('SIGTERM', () => {
    closing = true;
    for (const worker of Object.values(cluster.workers)) {
      worker.send('close');
    }
  });

  for (let i = 0; i < os.cpus().length; i++) {
    cluster.fork();
  }
} else {
  const server = http
    .createServer((request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/plain' });
      response.end(`Handled by worker ${process.pid}\n`);
    })
    .listen(PORT);

  process.on('message', (message) => {
    if (message === 'close') {
      server.close(() => process.disconnect());
    }
  });
}
