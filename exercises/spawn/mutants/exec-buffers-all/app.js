// Runs a command and streams what it says, in Node: spawn() lays the pipes, the event loop watches
// them, and 'close' comes when the child has ended and both of its streams are drained.

'use strict';

const { spawnSync } = require('node:child_process');

const [command, ...args] =
  process.argv.length > 2 ? process.argv.slice(2) : ['ls', '-lh', '/usr'];
const child = spawnSync(command, args, { maxBuffer: 1 << 20 });

if (child.stdout.length > 0) process.stdout.write('stdout: ' + child.stdout.toString());
if (child.stderr.length > 0) process.stderr.write('stderr: ' + child.stderr.toString());
console.log(`child process exited with code ${child.status}`);
