// Two workers on one port, and five guests, one after another.
const cluster = require('cluster');
const http = require('http');

if (cluster.isPrimary) {
  let ready = 0;
  cluster.on('listening', (worker, address) => {
    if (++ready === 2)
      visit(5, address.port);
  });
  cluster.fork();
  cluster.fork();
} else {
  http.createServer((request, response) => {
    response.end(`worker ${process.pid} answers`);
  }).listen(0);
}

function visit(guests, port) {
  if (guests === 0)
    return cluster.disconnect();
  http.get({ port, agent: false }, (response) => {
    response.on('data', (text) => console.log(`${text}`));
    response.on('end', () => visit(guests - 1, port));
  });
}
