import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startNight } from '../../test/support/night/night.ts';
import { Tmux } from '../../test/support/tmux.ts';
import { terminalPicture } from './terminal.ts';

const BALLAST = fileURLToPath(new URL('../../bin/ballast', import.meta.url));
const PACKAGE = new URL('../../package.json', import.meta.url);

/** The minute of the night at which each guest has a story: the database has just got relief. */
const MINUTES = 24.6;
const COLUMNS = 80;
const ROWS = 24;
const TITLE =
  'ballast top: db-1 lacked memory and got it back, build-1 has a stuck balloon, web-2 is held back by a guard because it is being migrated, mail-1 is paused, web-1 was shrunk';
/** Only stops a hang. */
const LIMIT_MS = 30_000;

/** Runs `ballast top` against a daemon in the middle of a night of trouble, and draws the terminal. */
export async function topPicture(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ballast-top-'));
  const { version } = JSON.parse(await readFile(PACKAGE, 'utf8')) as { readonly version: string };
  // The end of what is skipped is now: the command counts with the clock of this machine.
  const night = await startNight({ folder, startMs: Date.now() - MINUTES * 60_000, minutes: MINUTES, version });
  try {
    const command = `${BALLAST} top --socket ${night.sockets.status}`;
    const terminal = new Tmux({ folder, command, columns: COLUMNS, rows: ROWS });
    try {
      const screen = await shown(terminal, / 1-8 of 8/);
      return terminalPicture(screen, { title: TITLE, command: 'sudo ballast top', columns: COLUMNS });
    } finally {
      terminal.close();
    }
  } finally {
    await night.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function shown(terminal: Tmux, pattern: RegExp): Promise<string> {
  for (const limit = AbortSignal.timeout(LIMIT_MS); ; await sleep(50)) {
    const screen = terminal.screen();
    if (pattern.test(screen)) return terminal.screen('-e');
    if (limit.aborted) throw new Error(`ballast top does not show ${pattern}:\n${screen}`);
  }
}
