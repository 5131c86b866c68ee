// Two processes, one conversation, in Node: fork() starts this file anew, and lays the channel.

'use strict';

const { fork } = require('node:child_process');

if (process.send) {
  process.once('message', (message) => {
    console.log('Message from parent:', message);
    process.send({ reply: 'Hello from child' }, () => process.disconnect());
  });
} else {
  const child = fork(__filename);
  child.on('message', (message) => console.log('Message from child:', message));
  child.send({ message: 'Hello from parent' });
}
