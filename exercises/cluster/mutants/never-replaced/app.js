// One port, every core, in Node: the cluster module does the rest.

'use strict';

const cluster = require('node:cluster');
const http = require('node:http');
const os = require('node:os');

if (cluster.isPrimary) {
  console.log(`Master ${process.pid} is running`);

  cluster.on('exit', (worker) => {
    console.log(`Worker ${worker.process.pid} died`);
  });

  for (let i = 0; i < os.cpus().length; i++) {
    cluster.fork();
  }
} else {
  http
    .createServer((request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/plain' });
      response.end('Hello, Vizag!\n');
    })
    .listen(8000);

  console.log(`Worker ${process.pid} started`);
}
