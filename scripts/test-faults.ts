// `sudo npm run test:faults [-- ARGUMENTS OF VITEST]`: breaks things on a real host, measures what the daemon does and what is lost, and
// writes docs/faults.md. With arguments (`-- kills`), only the rows that were measured are replaced.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FaultRow } from '../test/real-host/faults/support/table.ts';

const PAGE = fileURLToPath(new URL('../docs/faults.md', import.meta.url));
const HEAD = '| Fault | What the daemon did | What was lost |';

const INTRODUCTION = `# Faults

What Ballast does when something breaks, measured on real QEMU guests, a real libvirtd and the kernel's KSM while a hostile policy asks for
all memory of the guests and gives it back, once a second. \`sudo npm run test:faults\` breaks things, measures, and writes this page.

A guest is lost if its QEMU ends or it no longer answers; an interval is lost if it is missing in the recording. Sizes are compared with
the guests' floor in every recorded interval.

`;

const folder = await mkdtemp(join(tmpdir(), 'ballast-fault-rows-'));
try {
  const path = join(folder, 'rows.jsonl');
  await writeFile(path, '');
  const chosen = process.argv.slice(2);
  const tsx = fileURLToPath(new URL('../node_modules/.bin/tsx', import.meta.url));
  const runner = fileURLToPath(new URL('test-host.ts', import.meta.url));
  const filters = chosen.some((argument) => !argument.startsWith('-')) ? [] : ['test/real-host/faults/'];
  const child = spawn(tsx, [runner, ...filters, ...chosen], {
    stdio: 'inherit',
    env: { ...process.env, BALLAST_FAULT_ROWS: path },
  });
  // Ctrl-C reaches the runner, too, which cleans up.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, 'close')) as [number | null];
  process.exitCode = code ?? 1;
  const measured = (await readFile(path, 'utf8')).split('\n').slice(0, -1).map((line) => JSON.parse(line) as FaultRow); // prettier-ignore
  if (measured.length > 0) await writePage(measured, filters.length === 0);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function writePage(measured: readonly FaultRow[], isPart: boolean): Promise<void> {
  const rows = new Map<string, string>();
  if (isPart) {
    const page = await readFile(PAGE, 'utf8').catch(() => '');
    for (const line of page.split('\n'))
      if (line.startsWith('| ') && line !== HEAD && !line.startsWith('| ---')) rows.set(keyOf(line), line);
  }
  for (const { fault, did, lost } of measured) {
    const line = `| ${[fault, did, lost].map(cell).join(' | ')} |`;
    rows.set(keyOf(line), line);
  }
  await writeFile(PAGE, `${INTRODUCTION}${HEAD}\n| --- | --- | --- |\n${[...rows.values()].join('\n')}\n`);
}

/** Figures in the first cell differ from run to run. */
function keyOf(line: string): string {
  return (line.split(' | ')[0] ?? line).replaceAll(/\d+/g, '#');
}

function cell(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', String.raw`\|`);
}
