// A counting cluster in Node, design "cluster": what the C solutions build by hand, Node brings
// along.
//
// cluster.fork() starts this file again; the primary accepts the connections and deals them out in
// turn. process.send() writes a JSON line to a socketpair that Node has laid between the two.

'use strict';

const cluster = require('node:cluster');
const http = require('node:http');
const os = require('node:os');

const PORT = 8000;
const REPORT_EVERY_MS = 5000;

if (cluster.isPrimary) {
  console.log(`Master ${process.pid} is running`);

  cluster.on('exit', (worker) => {
    console.log(`Worker ${worker.process.pid} died`);
    cluster.fork();
  });

  for (let i = 0; i < os.cpus().length; i++) {
    const worker = cluster.fork();
    worker.on('message', (message) => {
      if (Number.isInteger(message?.count)) {
        console.log(`Stats from worker ${worker.process.pid}:`, message);
      }
    });
  }
} else {
  let count = 0;

  http
    .createServer((request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/plain' });
      response.end(`Handled by worker ${process.pid}\n`);
      count++;
    })
    .listen(PORT);

  setInterval(() => process.send({ pid: process.pid, count }), REPORT_EVERY_MS);
}
