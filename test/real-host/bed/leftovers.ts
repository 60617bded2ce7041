import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from './kernel.ts';

/** The packages that the host tests have installed on this machine, one a line, so that every run can name them. */
const PACKAGES_FILE = 'installed-packages';

/** Notes packages before they are installed: an interrupted installation leaves some of them, too. */
export async function notePackages(names: readonly string[], cache = cacheDirectory()): Promise<void> {
  await mkdir(cache, { recursive: true });
  const all = new Set([...(await notedPackages(cache)), ...names]);
  await writeFile(join(cache, PACKAGES_FILE), [...all].map((name) => `${name}\n`).join(''));
}

async function notedPackages(cache: string): Promise<readonly string[]> {
  const text = await readFile(join(cache, PACKAGES_FILE), 'utf8').catch(() => '');
  return text.split('\n').filter((name) => name !== '');
}

/** What the host tests leave on this machine, and how to remove it; one line each. */
export async function leftovers(cache = cacheDirectory()): Promise<readonly string[]> {
  const packages = await notedPackages(cache);
  const bytes = await sizeOf(cache);
  return [
    ...(packages.length === 0
      ? []
      : [
          `left installed: ${packages.join(', ')}, with what they depend on and, under systemd, a running libvirtd; ` +
            `to remove them: apt-get purge --autoremove ${packages.join(' ')}`,
        ]),
    ...(bytes === 0
      ? []
      : [`left for the next run: ${cache} (${Math.ceil(bytes / 1024 / 1024)} MiB); to remove it: rm -r ${cache}`]),
  ];
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        (found) => (found.isFile() ? found.size : 0),
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
