import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');

/** Which parts each part may import, itself always included. The order is that of the layers. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  model: [],
  policy: ['model'],
  editor: ['model', 'policy'],
  lsp: ['model', 'policy', 'editor'],
  reference: ['model', 'policy', 'plugin'],
  recording: ['model'],
  host: ['model'],
  log: ['model'],
  hypervisor: ['model', 'host', 'node-libvirt'],
  plugin: ['model', 'host', 'hypervisor'],
  collectors: ['model', 'host', 'hypervisor', 'plugin'],
  controllers: ['model', 'host', 'hypervisor', 'plugin'],
  engine: ['model', 'host', 'hypervisor', 'plugin', 'policy', 'recording'],
  explain: ['model', 'policy'],
  config: ['model', 'policy', 'plugin'],
  testing: ['model', 'config', 'policy'],
  compose: ['model', 'host', 'hypervisor', 'plugin', 'policy', 'recording', 'engine', 'config', 'log', 'collectors', 'controllers'],
  cli: ['model', 'reference', 'host', 'hypervisor', 'plugin', 'policy', 'recording', 'engine', 'config', 'log', 'compose', 'explain', 'lsp', 'testing', 'editor'],
  main: ['cli', 'model', 'log'],
};

const IMPORT = /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*'([^']+)'|^\s*import\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm;

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3]!);
}

function partOf(file: string): string {
  const [top, second] = relative(ROOT, resolve(ROOT, file)).split('/');
  if (top === 'src') return second === 'main.ts' ? 'main' : second!;
  return top!;
}

/** The part that an import reaches; null for what is not ours. */
function target(file: string, specifier: string): string | null {
  if (specifier === 'node-libvirt') return 'node-libvirt';
  return specifier.startsWith('.') ? partOf(resolve(ROOT, dirname(file), specifier)) : null;
}

const files = [...sources('src'), ...sources('collectors'), ...sources('controllers')];

describe('the rule of imports', () => {
  it('sees the files and their imports', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(importsOf('src/engine/decide.ts')).toContain('../policy/index.ts');
  });

  it.each(files)('%s', (file) => {
    const part = partOf(file);
    const allowed = MAY_IMPORT[part];
    expect(allowed, `src/${part} is not in the table of parts`).toBeDefined();
    const reached = importsOf(file).map((specifier) => target(file, specifier));
    expect(reached.filter((other) => other !== null && other !== part && !allowed!.includes(other))).toEqual([]);
  });

  it.each(['collectors', 'controllers'])('plugins in %s never import each other', (folder) => {
    for (const file of sources(folder).filter((name) => !name.endsWith('index.ts'))) {
      const within = importsOf(file).filter((specifier) => target(file, specifier) === folder);
      expect(within, file).toEqual([]);
    }
  });

  it('only compose imports the lists of plugins', () => {
    const lists = files.filter((file) => importsOf(file).some((name) => /\/(collectors|controllers)\/index\.ts$/.test(name)));
    expect(lists.map(partOf)).toEqual(lists.map(() => 'compose'));
    expect(lists).not.toEqual([]);
  });
});

describe('what stays pure', () => {
  const pureEngine = ['history', 'decide', 'decider', 'guard', 'changes', 'summary'].map((name) => `src/engine/${name}.ts`);
  const impure = /^(node:|zod$|pino|fs$)/;
  const clocks = /\bDate\.now\b|\bnew Date\(\)|\bperformance\.|\bprocess\.|\bsetTimeout\b|\bsetInterval\b|\bMath\.random\b/;

  it.each([...sources('src/policy'), ...sources('src/explain'), ...sources('src/editor'), ...pureEngine])('%s has no clock, no I/O, no logger', (file) => {
    expect(importsOf(file).filter((name) => impure.test(name))).toEqual([]);
    expect(readFileSync(join(ROOT, file), 'utf8')).not.toMatch(clocks);
  });

  it('only main uses the process', () => {
    const users = files.filter((file) => /\bprocess\.(argv|exit|exitCode|stdin|stdout|stderr|on|env|pid)\b/.test(readFileSync(join(ROOT, file), 'utf8')));
    expect(users.filter((file) => file !== 'src/main.ts')).toEqual([]);
  });
});
