import fc from 'fast-check';
import { World } from './run/world';
import { consuming } from './programs/consuming';
import { producing, transacting } from './programs/producing';
async function main() {
const world = new World();
const t = process.hrtime.bigint(); let n = 0;
const r = await fc.check(fc.asyncProperty(process.argv[4] ? consuming() : fc.oneof(producing(), transacting()), async p => { n++; const s0=performance.now(); const {found} = await world.compare(p); const d=performance.now()-s0;   if (found) throw new Error(found); }), { interruptAfterTimeLimit: 40000, numRuns: Number(process.argv[2] ?? 200), seed: Number(process.argv[3] ?? 1) });
console.log(n, Number(process.hrtime.bigint() - t) / 1e6 / n, 'ms/case', r.failed);
if (r.failed) { console.log(r.counterexample?.[0].text, '\n', (r.errorInstance as Error).message.slice(0, 3000), r.counterexamplePath); }
console.log(world.seen);
process.exit();
}
void main();
