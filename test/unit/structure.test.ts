import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

/**
 * The rooms of the house, lowest first, and the rooms that each may import besides itself. A room may only name rooms
 * above it in this table, so no import goes up.
 */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  support: [],
  model: [],
  'node-libvirt': [],
  ports: ['model'],
  policy: ['support', 'model'],
  'policy-files': ['support', 'model', 'policy'],
  yaml: ['support', 'model'],
  recording: ['support', 'model'],
  host: ['support', 'model', 'ports'],
  libvirt: ['support', 'model', 'ports', 'node-libvirt'],
  plugin: ['support', 'model', 'ports', 'yaml'],
  guards: ['model', 'host', 'plugin'],
  collectors: ['support', 'model', 'ports', 'host', 'plugin'],
  controllers: ['support', 'model', 'ports', 'host', 'plugin', 'guards'],
  parameters: ['support', 'model', 'policy', 'yaml'],
  tooling: ['support', 'model', 'policy', 'yaml', 'plugin', 'parameters'],
  config: ['support', 'model', 'policy', 'policy-files', 'yaml', 'plugin', 'parameters'],
  engine: ['support', 'model', 'ports', 'policy', 'recording', 'plugin'],
  observe: ['support', 'model', 'ports', 'recording', 'engine'],
  daemon: ['support', 'model', 'ports', 'policy', 'recording', 'plugin', 'parameters', 'config', 'engine', 'observe'],
  compose: [
    ...[
      'support',
      'model',
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
    ...['collectors', 'controllers', 'parameters', 'config', 'engine', 'observe', 'daemon'],
  ],
  cli: [
    ...['support', 'model', 'ports', 'policy', 'policy-files', 'yaml', 'recording', 'plugin', 'parameters'],
    ...['tooling', 'config', 'engine', 'observe', 'daemon', 'compose'],
  ],
  main: ['model', 'cli'],
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

/** The file of ours that an import names; null for a package. */
function imported(file: string, specifier: string): string | null {
  return specifier.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(file), specifier)) : null;
}

function roomOf(file: string): string {
  const [top, second] = file.split('/');
  if (top === 'src') return second === 'main.ts' ? 'main' : second!;
  return top!;
}

/** The room that an import reaches; null for a package that is not ours. */
function target(file: string, specifier: string): string | null {
  if (specifier === 'node-libvirt') return 'node-libvirt';
  const reached = imported(file, specifier);
  return reached === null ? null : roomOf(reached);
}

const files = ['src', 'collectors', 'controllers', 'guards'].flatMap(sources);

describe('the import rule', () => {
  it('sees the files and their imports', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(importsOf('src/engine/decide.ts')).toContain('../policy/index.ts');
  });

  it('lets no room import a room above it', () => {
    const order = Object.keys(ROOMS);
    for (const [room, below] of Object.entries(ROOMS)) {
      expect(
        below.filter((other) => !(order.indexOf(other) < order.indexOf(room))),
        room,
      ).toEqual([]);
    }
  });

  it.each(files)('%s', (file) => {
    const room = roomOf(file);
    const allowed = ROOMS[room];
    expect(allowed, `src/${room} is not in the table of rooms`).toBeDefined();
    const reached = importsOf(file).map((specifier) => target(file, specifier));
    expect(reached.filter((other) => other !== null && other !== room && !allowed!.includes(other))).toEqual([]);
  });

  it.each(['collectors', 'controllers', 'guards'])('plugins in %s never import each other', (folder) => {
    for (const file of sources(folder).filter((name) => !name.endsWith('index.ts'))) {
      const within = importsOf(file).filter((specifier) => target(file, specifier) === folder);
      expect(within, file).toEqual([]);
    }
  });

  it('only compose imports the lists of plugins', () => {
    const lists = files.filter((file) =>
      importsOf(file).some((name) => /\/(collectors|controllers|guards)\/index\.ts$/.test(name)),
    );
    expect(lists.map(roomOf)).toEqual(lists.map(() => 'compose'));
    expect(lists).not.toEqual([]);
  });
});

describe('pure code', () => {
  const pureEngine = ['history', 'decide', 'decider', 'guard', 'changes', 'summary'].map(
    (name) => `src/engine/${name}.ts`,
  );
  const impure = /^(node:|zod$|pino|fs$)/;
  const clocks =
    /\bDate\.now\b|\bnew Date\(\)|\bperformance\.|\bprocess\.|\bsetTimeout\b|\bsetInterval\b|\bMath\.random\b/;
  const pure = [
    ...['src/policy', 'src/tooling/explain', 'src/tooling/language-service', 'src/tooling/format', 'guards'].flatMap(
      sources,
    ),
    ...pureEngine,
  ];

  it.each(pure)('%s has no clock, no I/O, no logger', (file) => {
    expect(importsOf(file).filter((name) => impure.test(name))).toEqual([]);
    expect(readFileSync(join(ROOT, file), 'utf8')).not.toMatch(clocks);
  });

  it('only main uses the process', () => {
    const users = files.filter((file) =>
      /\bprocess\.(argv|exit|exitCode|stdin|stdout|stderr|on|env|pid)\b/.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    expect(users.filter((file) => file !== 'src/main.ts')).toEqual([]);
  });
});
