// A hundred messages, in Node, over the child's standard streams: chunks are strung together, cut at
// the newlines, and what is left is kept for the next chunk.

'use strict';

const { spawn } = require('node:child_process');

function onMessage(stream, take) {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    for (const line of lines) take(JSON.parse(line));
  });
}

function send(stream, message) {
  stream.write(`${JSON.stringify(message)}\n`);
}

function beChild() {
  onMessage(process.stdin, ({ id, text }) => send(process.stdout, { id, length: text.length }));
}

function beParent(count, size) {
  const options = { stdio: ['pipe', 'pipe', 'inherit'] };
  const child = spawn(process.execPath, [__filename, 'child'], options);
  onMessage(child.stdout, ({ id, length }) => console.log(`Answer ${id}: ${length}`));
  for (let id = 1; id <= count; id++) {
    send(child.stdin, { id, text: 'x'.repeat(id % 10 ? id : size) });
  }
  child.stdin.end();
}

if (process.argv[2] === 'child') beChild();
else beParent(...process.argv.slice(2).map(Number));
