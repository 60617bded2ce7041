// `npm run test:browser [-- ARGUMENTS OF VITEST]`: the pages of `ballast report` and `ballast compare` in a real Chromium, without a network: what they show, on a
// phone, in print, by keyboard, in both colour schemes and for screen readers. Installs Debian's package chromium if it is missing.
// With BALLAST_PICTURES=FOLDER it keeps pictures there, to be looked at after a change of the pages.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { apt, withFreshLists } from '../test/real-host/bed/packages.ts';
import { CHROMIUM } from '../test/support/debian-chromium.ts';

async function requireChromium(): Promise<boolean> {
  if (existsSync(CHROMIUM)) return true;
  const log = (line: string) => console.log(`test:browser: ${line}`);
  if (!existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0) {
    console.error(
      `The browser tests need ${CHROMIUM}. On Debian: sudo apt-get install chromium, or run them as root, which installs it.`,
    );
    return false;
  }
  log('installing chromium; to remove it: apt-get purge --autoremove chromium');
  const { signal } = new AbortController();
  await withFreshLists(signal, log, () => apt(['install', '--yes', '--no-install-recommends', 'chromium'], signal));
  return true;
}

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const config = fileURLToPath(new URL('../vitest.browser.config.ts', import.meta.url));

process.exitCode = 2;
if (await requireChromium()) {
  const args = [vitest, 'run', '--config', config, ...process.argv.slice(2)];
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
}
