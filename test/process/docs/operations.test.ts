import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OperatorHost } from '../../support/operator-host.ts';
import { isAsShown, stepsOf } from '../../support/walkthrough.ts';

const ROOT = join(import.meta.dirname, '../../..');
const PAGES = join(ROOT, 'docs/operations');

/** What has happened on the host before its operator opens the page. */
const BEFORE: Readonly<Record<string, (host: OperatorHost) => Promise<unknown>>> = {
  'install.md': (host) => host.pack(),
  'first-day.md': (host) => host.run('systemctl start ballast'),
  'at-night.md': (host) => switchedOn(host),
  'upgrade.md': async (host) => {
    await host.pack();
    await switchedOn(host);
  },
  'migrate.md': () => Promise.resolve(),
  'uninstall.md': async (host) => {
    await host.pack();
    await host.run('npm install --global --silent ballast-*.tgz');
    await host.run(`cp ${ROOT}/packaging/systemd/ballast.service /etc/systemd/system/`);
    await switchedOn(host);
  },
  '../../README.md': (host) => switchedOn(host),
};

async function switchedOn(host: OperatorHost): Promise<void> {
  await host.run("sed -i 's/^dry_run: true/dry_run: false/' /etc/ballast/ballast.yaml; systemctl start ballast");
}

describe.each(Object.entries(BEFORE))('docs/operations/%s', (page, before) => {
  const text = readFileSync(join(PAGES, page), 'utf8');
  const steps = stepsOf(text);
  const commands = steps.flatMap((step, at) => (step.kind === 'run' ? [{ at, ...step }] : []));
  let host: OperatorHost;
  let printed: readonly string[];

  beforeAll(async () => {
    host = await OperatorHost.create();
    await before(host);
    printed = await host.runAll(steps);
  }, 300_000);
  afterAll(() => host.remove());

  it.each(commands)('line $line: $command', ({ at, output }) => {
    const real = printed[at]!;
    if (!isAsShown(output, real)) expect(real).toBe(`${output.join('\n')}\n`);
  });
});

it('every page is run, and every block of commands in it: here, or with the Debian package', () => {
  const pages = readdirSync(PAGES);
  expect(Object.keys(BEFORE)).toEqual(expect.arrayContaining(pages.filter((page) => page !== 'ansible.md')));
  for (const page of pages) {
    const text = readFileSync(join(PAGES, page), 'utf8');
    const blocks = [...text.matchAll(/^(.*)\n```(?:sh|console)\n/gm)];
    for (const [, mark] of blocks) expect(mark, page).toMatch(/^<!-- (run|write: \S+|package: \w+) -->$/);
  }
});
