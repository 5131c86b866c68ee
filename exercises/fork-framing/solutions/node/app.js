// A hundred messages, in Node: fork() lays the channel and keeps messages apart by newlines itself.

'use strict';

const { fork } = require('node:child_process');

const [count = 100, size = 100000] = process.argv.slice(2).map(Number);

if (process.send) {
  process.on('message', ({ id, text }) => process.send({ id, length: text.length }));
} else {
  const child = fork(__filename);
  let answered = 0;
  child.on('message', ({ id, length }) => {
    console.log(`Answer ${id}: ${length}`);
    if (++answered === count) child.disconnect();
  });
  for (let id = 1; id <= count; id++) {
    child.send({ id, text: 'x'.repeat(id % 10 ? id : size) });
  }
}
