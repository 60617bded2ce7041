// `npm run packing`: packs hosts in all scenarios with as many guests as the shipped policies carry, by simulation, and writes docs/packing.md. It takes
// the better part of an hour of all CPUs (`chrt -i 0 npm run packing` leaves them to others); what has been simulated before, and has not changed, is
// not simulated again, so it can be stopped and goes on.
import { writeFile } from 'node:fs/promises';
import { scriptIo } from './comparison/io.ts';
import { packingMarkdown } from './packing/markdown.ts';
import { pack } from './packing/pack.ts';
import { SET } from './packing/set.ts';

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
const startedMs = Date.now();
const packing = await pack(SET, scriptIo(process.stderr), stop.signal);
if (packing === null) {
  console.error('stopped: nothing was written; what has been simulated is kept');
  process.exitCode = 1;
} else {
  await writeFile(new URL('../docs/packing.md', import.meta.url), packingMarkdown(packing, SET.families));
  console.log(`docs/packing.md: ${Math.round((Date.now() - startedMs) / 1000)} s`);
}
