// The same kitchen in Node: a timer every 100 ms, and one long callback.
const start = performance.now();
let bell = 0;

const timer = setInterval(() => {
  bell++;
  const late = performance.now() - start - 100 * bell;
  console.log(`bell ${bell} rings ${Math.max(0, Math.floor(late))} ms late`);
  if (bell === 2) {
    const end = performance.now() + 350;
    while (performance.now() < end);
  }
  if (bell === 6) clearInterval(timer);
}, 100);
