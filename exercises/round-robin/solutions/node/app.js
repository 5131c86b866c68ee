// One door, dealt in turn, in Node: this is what the cluster module does by itself.
//
// The primary opens port 8000, accepts, and sends each connection to the next worker that is free
// (SCHED_RR). Underneath it is the same sendmsg() with SCM_RIGHTS.

'use strict';

const cluster = require('node:cluster');
const http = require('node:http');
const os = require('node:os');

const PORT = 8000;

if (cluster.isPrimary) {
  cluster.schedulingPolicy = cluster.SCHED_RR;
  console.log(`Master ${process.pid} is running`);

  cluster.on('exit', (worker) => {
    console.log(`Worker ${worker.process.pid} died`);
    cluster.fork();
  });

  for (let i = 0; i < os.cpus().length; i++) {
    cluster.fork();
  }
} else {
  http
    .createServer((request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/plain' });
      response.end(`Handled by worker ${process.pid}\n`);
    })
    .listen(PORT);
}
