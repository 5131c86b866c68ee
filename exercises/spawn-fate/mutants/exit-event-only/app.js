// Tells how a command ended, in Node: 'error' comes for a command that could not be started,
// 'exit' for one that was, with a code or a signal, and never with both.

'use strict';

const { spawn } = require('node:child_process');

const [command, ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: 'inherit' });

child.on('error', () => console.log('exited with code 127'));
child.on('exit', (code, signal) => {
  console.log(signal ? `killed by signal ${signal}` : `exited with code ${code}`);
});
