// Node listens to a command. What is printed first?
const { spawn } = require('node:child_process');
const script = 'echo rice; sleep 0.3; echo beans; exit 3';

const cook = spawn('sh', ['-c', script]);
cook.stdout.on('data', (chunk) => console.log(`${chunk.length} bytes`));
cook.on('close', (code) => console.log(`ended with code ${code}`));
console.log('spawn() has returned');
