// A child by Node's fork() starts this file from its first line.
const { fork } = require('node:child_process');
let dish = 'nothing';

if (process.argv[2] === 'child') {
  console.log(`the child cooks ${dish}`);
} else {
  dish = 'soup';
  fork(__filename, ['child']);
}
