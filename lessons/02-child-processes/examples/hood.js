// Node on one end of its channel for messages, a C program on the other.
const { spawn } = require('node:child_process');
const stdio = ['inherit', 'inherit', 'inherit', 'ipc'];

const child = spawn(process.argv[2], { stdio });
child.send({ ask: 'how long?' });
child.on('message', (message) => console.log('Node hears', message));
