// A cluster that is renewed at SIGHUP, in Node.
//
// disconnect() in the primary is what makes it safe: from that moment on it deals the worker no more
// connections, and the word goes over the same channel as those dealt before, behind them. The
// worker takes these, closes its servers, and its channel. It lives until its last connection is
// gone, so idle ones are closed.

'use strict';

const cluster = require('node:cluster');
const http = require('node:http');
const os = require('node:os');

const PORT = 8000;

if (cluster.isPrimary) {
  const leaving = new Set();

  const hire = () =>
    new Promise((resolve) => cluster.fork().once('listening', resolve));

  cluster.on('exit', (worker) => {
    if (!leaving.delete(worker.id)) {
      cluster.fork(); // nobody has told it to go
    }
  });

  process.on('SIGHUP', async () => {
    const old = Object.values(cluster.workers).filter((worker) => !leaving.has(worker.id));
    await Promise.all(os.cpus().map(hire));
    for (const worker of old.filter((one) => !one.isDead())) {
      leaving.add(worker.id);
      worker.disconnect();
    }
  });

  console.log(`Master ${process.pid} is running`);
  os.cpus().forEach(hire);
} else {
  let closing = false;

  const server = http
    .createServer((request, response) => {
      const headers = { 'Content-Type': 'text/plain' };
      if (closing) {
        headers.Connection = 'close';
      }
      response.writeHead(200, headers);
      response.end(`Handled by worker ${process.pid}\n`);
    })
    .listen(PORT);

  process.on('disconnect', () => {
    closing = true;
    server.closeIdleConnections();
  });
}
