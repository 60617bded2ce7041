import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadPlugins } from '../../../src/compose/plugins.ts';
import { collectHost, KernelTree } from '../../support/kernel.ts';

const ROOT = new URL('../../../', import.meta.url);

/** A code block that says which file it shows (scripts/shown-code.ts): `<!-- file: test/unit/examples/x.ts -->`. */
const SHOWN = /<!-- file: (\S+) -->\n```/g;

async function pagesThatShowFiles(): Promise<readonly string[]> {
  const names = (await readdir(new URL('docs/', ROOT))).filter((name) => name.endsWith('.md'));
  const pages = await Promise.all(
    names.map(async (name) => ({ name, text: await readFile(new URL(`docs/${name}`, ROOT), 'utf8') })),
  );
  return pages.flatMap(({ name, text }) => (text.match(SHOWN) ? [name] : []));
}

describe('the examples in the guides', () => {
  it('are found', async () => {
    expect(await pagesThatShowFiles()).toEqual(
      expect.arrayContaining(['adding-a-collector.md', 'adding-a-controller.md']),
    );
  });

  it('are modules that Ballast loads for a site', async () => {
    const module = fileURLToPath(new URL('test/unit/examples/site-load.mjs', ROOT));
    const { collectors, vocabulary } = await loadPlugins({ collectors: [], controllers: [], modules: [module] });
    expect(vocabulary.hostFields.map(({ name }) => name)).toEqual(['load_1']);
    const [load] = collectors;
    const tree = await KernelTree.of({ '/proc/loadavg': '0.25 0.10 0.02 1/123 4567\n' });
    expect(load?.scope === 'host' && (await collectHost(load, tree.host))).toEqual({ load_1: 0.25 });
  });
});
