// Runs a command and streams what it says, in Node: spawn() lays the pipes, the event loop watches
// them, and 'close' comes when the child has ended and both of its streams are drained.

'use strict';

const { spawn } = require('node:child_process');

const [command, ...args] =
  process.argv.length > 2 ? process.argv.slice(2) : ['ls', '-lh', '/usr'];
const child = spawn(command, args);

function relay(from, to, prefix) {
  from.on('data', (bytes) => {
    to.write(prefix);
    to.write(bytes);
  });
}

relay(child.stdout, process.stdout, 'stdout: ');
relay(child.stderr, process.stderr, 'stderr: ');

child.on('error', (error) => console.error(`cannot start ${command}: ${error.message}`));
child.on('close', (code) => console.log(`child process exited with code ${code}`));
