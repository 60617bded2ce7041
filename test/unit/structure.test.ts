import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

/**
 * The layers, lowest first, and the layers that each may import besides itself. A layer may only list layers
 * above it in this table, so that no import goes up.
 */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  support: [],
  model: [],
  'node-libvirt': [],
  serve: ['support', 'model'],
  metrics: ['support', 'model', 'serve'],
  ports: ['model', 'node-libvirt'],
  policy: ['support', 'model'],
  'policy-files': ['support', 'model', 'policy'],
  yaml: ['support', 'model'],
  recording: ['support', 'model'],
  host: ['support', 'model', 'ports'],
  libvirt: ['support', 'model', 'ports', 'node-libvirt', 'host'],
  simulation: ['support', 'model', 'ports', 'yaml', 'recording', 'host'],
  plugin: ['support', 'model', 'ports', 'yaml'],
  guards: ['model', 'host', 'plugin'],
  collectors: ['support', 'model', 'ports', 'host', 'plugin'],
  controllers: ['support', 'model', 'ports', 'host', 'plugin'],
  migrate: ['support', 'model'],
  parameters: ['support', 'model', 'policy', 'yaml'],
  tooling: ['support', 'model', 'policy', 'yaml', 'plugin', 'parameters'],
  config: ['support', 'model', 'metrics', 'policy', 'policy-files', 'yaml', 'plugin', 'parameters'],
  engine: ['support', 'model', 'ports', 'policy', 'recording', 'plugin'],
  observe: ['support', 'model', 'metrics', 'ports', 'recording', 'config', 'engine'],
  analysis: ['model', 'recording', 'tooling'],
  comparison: ['yaml', 'simulation'],
  report: ['model', 'policy', 'analysis', 'comparison'],
  export: ['support', 'model', 'recording', 'tooling', 'analysis'],
  daemon: [
    'support',
    'model',
    'ports',
    'policy',
    'host',
    'recording',
    'plugin',
    'parameters',
    'config',
    'engine',
    'observe',
  ],
  control: [
    ...[
      'support',
      'model',
      'serve',
      'ports',
      'policy',
      'plugin',
      'parameters',
      'tooling',
      'config',
      'engine',
      'observe',
      'daemon',
    ],
  ],
  service: ['support', 'config', 'observe'],
  doctor: ['support', 'model', 'ports', 'host'],
  compose: [
    ...[
      'support',
      'model',
      'serve',
      'ports',
      'policy',
      'policy-files',
      'yaml',
      'recording',
      'host',
      'libvirt',
      'plugin',
      'guards',
    ],
    ...['collectors', 'controllers', 'parameters', 'config', 'engine', 'observe', 'daemon', 'control'],
    ...['service', 'doctor', 'simulation', 'export'],
  ],
  cli: [
    ...['support', 'model', 'ports', 'policy', 'policy-files', 'yaml', 'recording', 'plugin', 'parameters'],
    ...['migrate', 'tooling', 'config', 'engine', 'observe', 'daemon', 'control', 'service', 'doctor', 'compose'],
    ...['analysis', 'comparison', 'report', 'export', 'simulation'],
  ],
  main: ['model', 'cli'],
};

/** The layers of the language (src/policy), in the same format: a file directly in src/policy is a layer of its name. */
const POLICY_LAYERS: Readonly<Record<string, readonly string[]>> = {
  text: [],
  messages: ['text'],
  limits: [],
  parser: ['text', 'messages', 'limits'],
  values: ['messages', 'limits'],
  builtins: [],
  forms: ['text', 'messages', 'limits', 'builtins'],
  functions: ['messages', 'values', 'builtins'],
  types: ['text', 'messages', 'values', 'builtins', 'forms', 'functions'],
  check: ['text', 'messages', 'limits', 'values', 'builtins', 'forms', 'types'],
  params: ['text', 'messages', 'limits', 'parser', 'forms'],
  image: ['text', 'messages', 'values', 'forms', 'functions'],
  trace: ['text', 'messages', 'values', 'forms', 'image'],
  run: [...['text', 'messages', 'limits', 'values', 'builtins', 'forms', 'functions', 'params', 'image', 'trace']],
  compile: ['text', 'messages', 'values', 'builtins', 'forms', 'functions', 'image', 'trace', 'run'],
  load: ['text', 'messages', 'limits', 'parser', 'forms', 'check', 'params', 'run', 'compile'],
  index: [...['text', 'messages', 'limits', 'values', 'forms', 'functions', 'params', 'trace', 'run', 'load']],
};

const IMPORT =
  /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*'([^']+)'|^\s*import\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm;

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3]!);
}

/** The source file that an import resolves to; null for a package. */
function imported(file: string, specifier: string): string | null {
  return specifier.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(file), specifier)) : null;
}

function layerOf(file: string): string {
  const [top, second] = file.split('/');
  if (top === 'src') return second === 'main.ts' ? 'main' : second!;
  return top === 'packages' ? second! : top!;
}

/** The language layer of a file: its folder, or its own name. */
function policyLayerOf(file: string): string {
  return file.split('/')[2]!.replace(/\.ts$/, '');
}

/** The layer that an import resolves to; null for a third-party package. */
function target(file: string, specifier: string): string | null {
  if (specifier === 'node-libvirt') return 'node-libvirt';
  const reached = imported(file, specifier);
  return reached === null ? null : layerOf(reached);
}

/** Groups of files that import each other, directly or through others. */
function importCycles(): string[][] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  // Tarjan's algorithm: a group is complete when the traversal leaves the file through which it entered.
  const visit = (file: string): void => {
    order.set(file, order.size);
    lowest.set(file, order.get(file)!);
    open.push(file);
    for (const specifier of importsOf(file)) {
      const other = imported(file, specifier);
      if (other === null || !files.includes(other)) continue;
      if (!order.has(other)) visit(other);
      if (open.includes(other)) lowest.set(file, Math.min(lowest.get(file)!, lowest.get(other)!));
    }
    if (lowest.get(file) !== order.get(file)) return;
    const group = open.splice(open.indexOf(file));
    if (group.length > 1) found.push(group.sort());
  };
  for (const file of files) if (!order.has(file)) visit(file);
  return found;
}

const files = ['src', 'collectors', 'controllers', 'guards'].flatMap(sources);

describe('the import rule', () => {
  it('finds the files and their imports', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(importsOf('src/engine/decide.ts')).toContain('../policy/index.ts');
  });

  it.each([
    ['the program', LAYERS],
    ['the language', POLICY_LAYERS],
  ])('the layers of %s list only lower layers', (_, layers) => {
    const order = Object.keys(layers);
    for (const [layer, below] of Object.entries(layers)) {
      expect(
        below.filter((other) => !(order.indexOf(other) < order.indexOf(layer))),
        layer,
      ).toEqual([]);
    }
  });

  it.each(files)('%s', (file) => {
    const layer = layerOf(file);
    const allowed = LAYERS[layer];
    expect(allowed, `src/${layer} is not in the table of layers`).toBeDefined();
    const reached = importsOf(file).map((specifier) => target(file, specifier));
    expect(reached.filter((other) => other !== null && other !== layer && !allowed!.includes(other))).toEqual([]);
  });

  it.each(files.filter((file) => file.startsWith('src/policy/')))('%s, inside the language', (file) => {
    const layer = policyLayerOf(file);
    const allowed = POLICY_LAYERS[layer];
    expect(allowed, `src/policy/${layer} is not in the table of the language's layers`).toBeDefined();
    const reached = importsOf(file)
      .map((specifier) => imported(file, specifier))
      .filter((other) => other?.startsWith('src/policy/'))
      .map((other) => policyLayerOf(other!));
    expect(reached.filter((other) => other !== layer && !allowed!.includes(other))).toEqual([]);
  });

  it('has no import cycles, imports of types included', () => {
    expect(importCycles()).toEqual([]);
  });

  it.each(['collectors', 'controllers', 'guards'])('plugins in %s never import each other', (folder) => {
    // What several of them need is in folders of its own: guards/memory, guards/support.
    const isPlugin = (path: string): boolean => dirname(path) === folder;
    for (const file of sources(folder).filter((name) => !name.endsWith('index.ts'))) {
      const within = importsOf(file).map((specifier) => imported(file, specifier) ?? '');
      expect(within.filter(isPlugin), file).toEqual([]);
    }
  });

  it('only observe imports the logging library', () => {
    const users = files.filter((file) => importsOf(file).includes('pino'));
    expect([...new Set(users.map(layerOf))]).toEqual(['observe']);
  });

  it('ports import only types from node-libvirt, and only from a published file without imports', () => {
    const { files: published } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { files: string[] };
    const used = sources('src/ports').flatMap((file) => {
      const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
      const specifiers = importsOf(file).filter((specifier) => target(file, specifier) === 'node-libvirt');
      return specifiers.map((specifier) => ({
        reached: imported(file, specifier),
        isTypeOnly: lines.some((line) => line.startsWith('import type ') && line.includes(`'${specifier}'`)),
      }));
    });
    expect(used).not.toEqual([]);
    for (const { reached, isTypeOnly } of used) {
      expect(isTypeOnly).toBe(true);
      expect(published).toContain(reached);
      expect(importsOf(reached!)).toEqual([]);
    }
  });

  it('src/plugin exports only types and functions that type a literal', () => {
    for (const file of sources('src/plugin')) {
      const text = readFileSync(join(ROOT, file), 'utf8');
      const values = [...text.matchAll(/^export (?:async )?(?:function|const|class) (\w+)/gm)].map(([, name]) => name);
      expect(
        values.filter((name) => !name!.startsWith('define')),
        file,
      ).toEqual([]);
    }
  });

  it('only compose imports the plugin lists', () => {
    const lists = files.filter((file) =>
      importsOf(file).some((name) => /\/(collectors|controllers|guards)\/index\.ts$/.test(name)),
    );
    expect(lists.map(layerOf)).toEqual(lists.map(() => 'compose'));
    expect(lists).not.toEqual([]);
  });
});

describe('the length of files', () => {
  const LONGEST = 300;

  it.each(files)(`%s has at most ${LONGEST} lines, or starts with a reason for more: "Long because …"`, (file) => {
    const lines = readFileSync(join(ROOT, file), 'utf8').trimEnd().split('\n');
    if (lines.length > LONGEST) expect(lines.slice(0, 15).join('\n')).toMatch(/^(\/\/| \*) Long because \S+ .*/m);
  });
});

describe('pure code', () => {
  const pureEngine = ['history', 'decide', 'decider', 'plan', 'changes', 'summary'].map(
    (name) => `src/engine/${name}.ts`,
  );
  const impure = /^(node:|zod$|pino|fs$)/;
  const clocks =
    /\bDate\.now\b|\bnew Date\(\)|\bperformance\.|\bprocess\.|\bsetTimeout\b|\bsetInterval\b|\bMath\.random\b/;
  const pure = [
    ...[
      'src/policy',
      'src/tooling/explain',
      'src/tooling/language-service',
      'src/tooling/format',
      'src/analysis',
      'src/comparison',
      'src/report',
      'guards',
    ].flatMap(sources),
    ...['guest', 'host', 'collect'].flatMap((folder) => sources(`src/simulation/${folder}`)),
    ...['world', 'measure', 'random'].map((name) => `src/simulation/${name}.ts`),
    ...pureEngine,
  ];

  it.each(pure)('%s has no clock, no I/O and no logger', (file) => {
    expect(importsOf(file).filter((name) => impure.test(name))).toEqual([]);
    expect(readFileSync(join(ROOT, file), 'utf8')).not.toMatch(clocks);
  });

  it('only main accesses the process', () => {
    const users = files.filter((file) =>
      /\bprocess\.(argv|exit|exitCode|stdin|stdout|stderr|on|env|pid)\b/.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    expect(users.filter((file) => file !== 'src/main.ts')).toEqual([]);
  });
});
