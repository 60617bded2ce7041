import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadPlugins } from '../../../src/compose/plugins.ts';
import { collectHost, KernelTree } from '../../support/kernel.ts';

const ROOT = new URL('../../../', import.meta.url);

/** A code block that says which file it shows: `<!-- file: test/unit/examples/x.ts -->` on the line before it. */
const SHOWN = /<!-- file: (\S+) -->\n```\w*\n([\s\S]*?)^```$/gm;

/** A code block that shows a part of a file: `<!-- part of: src/x.ts -->`. */
const PART = /<!-- part of: (\S+) -->\n```\w*\n([\s\S]*?)^```$/gm;

const shownFiles = () => blocks(SHOWN);

async function blocks(pattern: RegExp): Promise<readonly [doc: string, path: string, code: string][]> {
  const docs = (await readdir(new URL('docs/', ROOT))).filter((name) => name.endsWith('.md'));
  const all = await Promise.all(
    docs.map(async (doc) => {
      const text = await readFile(new URL(`docs/${doc}`, ROOT), 'utf8');
      return [...text.matchAll(pattern)].map(([, path, code]): [string, string, string] => [doc, path!, code!]);
    }),
  );
  return all.flat();
}

describe('the examples in the guides', async () => {
  const shown = await shownFiles();

  it('are found', () => {
    const docs = new Set(shown.map(([doc]) => doc));
    expect([...docs]).toEqual(
      expect.arrayContaining(['adding-a-collector.md', 'adding-a-controller.md', 'adding-a-command.md']),
    );
  });

  it.each(shown)('%s shows %s as it is', async (_doc, path, code) => {
    expect(code).toBe(await readFile(new URL(path, ROOT), 'utf8'));
  });

  it.each(await blocks(PART))('%s shows a part of %s as it is', async (_doc, path, code) => {
    expect(await readFile(new URL(path, ROOT), 'utf8')).toContain(code);
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
