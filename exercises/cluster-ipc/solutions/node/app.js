// Orders out, reports back, in Node.

'use strict';

const cluster = require('node:cluster');
const os = require('node:os');

function hire() {
  const worker = cluster.fork();
  worker.on('message', (message) => {
    console.log(`Master received message from worker ${worker.process.pid}:`, message);
  });
  worker.send({ message: 'Hello from master' });
}

if (cluster.isPrimary) {
  cluster.on('exit', (worker) => {
    console.log(`Worker ${worker.process.pid} died`);
    hire();
  });

  for (let i = 0; i < os.cpus().length; i++) {
    hire();
  }
} else {
  process.on('message', (message) => {
    console.log(`Worker ${process.pid} received message from master:`, message);
    process.send({ reply: `Hello from worker ${process.pid}` });
  });
}
