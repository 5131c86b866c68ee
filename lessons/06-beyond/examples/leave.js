// SIGTERM comes while the soup is on the stove.
const http = require('http');

const server = http.createServer((request, response) => {
  setTimeout(() => response.end('soup'), 100);
  process.kill(process.pid, 'SIGTERM');
});

process.on('SIGTERM', () => {
  console.log('SIGTERM: no more guests, please');
  server.close(() => console.log('the last one has gone'));
});

server.listen(0, () => {
  http.get({ port: server.address().port, agent: false }, (response) => {
    response.on('data', (text) => console.log(`guest: ${text}`));
  });
});
