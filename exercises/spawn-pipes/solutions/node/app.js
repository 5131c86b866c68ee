// Counts and sums up what a command says on both streams, in Node. The chunks are Buffers: bytes,
// as long as nobody asks for a string.

'use strict';

const { spawn } = require('node:child_process');

const [command, ...args] = process.argv.slice(2);
const child = spawn(command, args);

function take(stream) {
  const tally = { bytes: 0, checksum: 0 };
  stream.on('data', (chunk) => {
    tally.bytes += chunk.length;
    // Math.imul() multiplies as C does with 32 bits; >>> 0 makes the result unsigned.
    for (const byte of chunk) tally.checksum = (Math.imul(tally.checksum, 31) + byte) >>> 0;
  });
  return tally;
}

const tallies = { stdout: take(child.stdout), stderr: take(child.stderr) };

child.on('error', (error) => console.error(`cannot start ${command}: ${error.message}`));
child.on('close', () => {
  for (const [name, { bytes, checksum }] of Object.entries(tallies)) {
    console.log(`${name}: ${bytes} bytes, checksum ${checksum.toString(16).padStart(8, '0')}`);
  }
});
