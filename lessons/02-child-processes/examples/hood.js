// Node on one end of its channel for messages, any program on the other.
const { spawn } = require('node:child_process');
const stdio = ['inherit', 'inherit', 'inherit', 'ipc'];
const script = `read -r line <&$NODE_CHANNEL_FD; echo "sh reads $line"
  echo '{"reply": "ten minutes"}' >&$NODE_CHANNEL_FD`;

const program = process.argv.slice(2);
const [command, ...args] = program.length ? program : ['sh', '-c', script];
const child = spawn(command, args, { stdio });
child.send({ ask: 'how long?' });
child.on('message', (message) => console.log('Node hears', message));
