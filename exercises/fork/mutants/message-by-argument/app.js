// The parent's message is an argument of the child's program.

'use strict';

const { fork } = require('node:child_process');

if (process.send) {
  console.log('Message from parent:', JSON.parse(process.argv[2]));
  process.send({ reply: 'Hello from child' }, () => process.disconnect());
} else {
  const child = fork(__filename, [JSON.stringify({ message: 'Hello from parent' })]);
  child.on('message', (message) => console.log('Message from child:', message));
}
