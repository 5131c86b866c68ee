// A master and two workers in conversation.
const cluster = require('cluster');

if (cluster.isPrimary) {
  for (const dish of ['soup', 'fish']) {
    const worker = cluster.fork();
    worker.send({ order: dish });
    worker.on('message', (report) => {
      console.log(`master: worker ${worker.process.pid} says`, report);
      worker.disconnect();
    });
  }
} else {
  process.on('message', (message) => {
    process.send({ ready: message.order });
  });
}
