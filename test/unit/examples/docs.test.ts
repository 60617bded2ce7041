import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { assemble, loadModules } from '../../../src/compose/plugins.ts';
import { plan } from '../../../src/engine/plan.ts';
import { collectHost, KernelTree } from '../../support/kernel.ts';
import { inputOf, requestOf, settingsWith } from '../../support/planning.ts';

const GUEST = { balloon_cur: 1_000_000, balloon_max: 1_000_000, balloon_min: 0, stats_age: 1 };

const ROOT = new URL('../../../', import.meta.url);

/** A code block with the file that it shows (scripts/shown-code.ts): `<!-- file: test/unit/examples/x.ts -->`. */
const SHOWN = /<!-- file: (\S+) -->\n```/g;

async function pagesThatShowFiles(): Promise<readonly string[]> {
  const names = (await readdir(new URL('docs/', ROOT))).filter((name) => name.endsWith('.md'));
  const pages = await Promise.all(
    names.map(async (name) => ({ name, text: await readFile(new URL(`docs/${name}`, ROOT), 'utf8') })),
  );
  return pages.flatMap(({ name, text }) => (text.match(SHOWN) ? [name] : []));
}

describe('the examples in the guides', () => {
  it('exist', async () => {
    expect(await pagesThatShowFiles()).toEqual(
      expect.arrayContaining([
        'adding-a-collector.md',
        'adding-a-controller.md',
        'adding-a-guard.md',
        'adding-a-command.md',
      ]),
    );
  });

  it('are modules that Ballast loads as plugins', async () => {
    const module = fileURLToPath(new URL('test/unit/examples/site-load.mjs', ROOT));
    const site = await loadModules([module]);
    const { collectors, vocabulary } = assemble({ collectors: [], controllers: [], site });
    expect(vocabulary.hostFields.map(({ name }) => name)).toEqual(['load_1']);
    const [load] = collectors;
    const tree = await KernelTree.of({ '/proc/loadavg': '0.25 0.10 0.02 1/123 4567\n' });
    expect(load?.scope === 'host' && (await collectHost(load, tree.host))).toEqual({ load_1: 0.25 });
  });

  it('include a guard that runs next to the built-in ones', async () => {
    const site = await loadModules([fileURLToPath(new URL('test/unit/examples/site-guard.mjs', ROOT))]);
    const { guards, controllers } = assemble({ collectors: [], controllers: null, site });
    const pinned = { number: 1, labels: 'db pinned', samples: [GUEST] };
    const input = inputOf({}, [pinned, { number: 2, samples: [GUEST] }]);
    const requests = [1, 2].map((number) => requestOf('balloon_target', 900_000, number));
    const { actions, held } = plan({ guards, controllers }, { requests, errors: [] }, input, settingsWith());
    expect(actions).toMatchObject([{ guest: { name: 'guest-2' }, to: 900_000 }]);
    expect(held).toMatchObject([{ guest: { name: 'guest-1' }, why: 'the guest is labelled pinned' }]);
  });
});
