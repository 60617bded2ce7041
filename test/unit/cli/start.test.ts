import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const SOURCES = resolve(import.meta.dirname, '../../../src');

/** Imports of values; those of types are gone when the program runs, and `import()` waits until it is needed. */
const STATIC = /^\s*(?:import|export)\s+(?!type\b)[^'"`;]*?\bfrom\s*'([^']+)'|^\s*import\s+'([^']+)'/gm;

/** The packages that are loaded with a file. */
function packagesOf(file: string, seen = new Set<string>()): ReadonlySet<string> {
  const packages = new Set<string>();
  if (seen.has(file)) return packages;
  seen.add(file);
  for (const [, from, alone] of readFileSync(file, 'utf8').matchAll(STATIC)) {
    const name = (from ?? alone)!;
    if (!name.startsWith('.')) packages.add(name);
    else for (const each of packagesOf(resolve(dirname(file), name), seen)) packages.add(each);
  }
  return new Set([...packages].filter((name) => !name.startsWith('node:')));
}

describe('a command that asks a daemon', () => {
  it.each(['status', 'guests', 'why', 'pause', 'reserve'])('starts with few packages: %s', (name) => {
    expect([...packagesOf(join(SOURCES, `cli/handlers/${name}.ts`))]).toEqual([]);
  });

  it('loads with --config a YAML reader, and no schemas, policies or plugins', () => {
    expect([...packagesOf(join(SOURCES, 'config/runtime-choice.ts'))]).toEqual(['yaml']);
  });

  it('has all other commands loaded when they are used', () => {
    expect([...packagesOf(join(SOURCES, 'main.ts'))]).toEqual(['commander']);
  });
});
