import { readFileSync } from 'node:fs';
import { transformSync } from 'esbuild';
import fc from 'fast-check';
import { globSync } from 'tinyglobby';
import { parseAst } from 'vite';
import { expect, it } from 'vitest';
import { growsFaster, shortestMs } from '../support/growth.ts';

/** Repeated in the attacks: what patterns of this code repeat. */
const PUMPED = [
  ' ',
  '\t',
  '\n',
  'a',
  'A',
  '0',
  '.',
  '-',
  '#',
  '/',
  '{',
  '`',
  '"',
  '\\',
  '[',
  ')',
  '\r\n',
  ' :A',
  ') (',
];

/** Tried at one place only: a scanner continues after the match. */
const STICKY = 'src/policy/parser/tokens.ts';

/** Patterns that grow faster than their text, by file, and why they may. */
const BOUNDED: Readonly<Record<string, string>> = {
  'src/tooling/language-service/cursor.ts': 'sees the 256 characters before the cursor',
  'src/policy/text/meant-unit.ts': 'sees the 40 characters before a name',
  'src/policy/parser/torn-text.ts': 'sees the 40 characters before a quote',
};

function regexesOf(file: string): RegExp[] {
  const found = new Map<string, RegExp>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { regex } = node as { regex?: { pattern: string; flags: string } };
    if (regex !== undefined && /[*+]|,\}/.test(regex.pattern))
      found.set(regex.pattern, new RegExp(regex.pattern, file === STICKY ? `${regex.flags}y` : regex.flags));
    for (const child of Object.values(node)) visit(child);
  };
  visit(parseAst(transformSync(readFileSync(file, 'utf8'), { loader: 'ts' }).code));
  return [...found.values()];
}

/** Short texts that match the pattern, from which the repetitions start: an attack must reach the repeated part first. */
function matches(regex: RegExp): readonly string[] {
  try {
    const arbitrary = fc.stringMatching(new RegExp(regex.source, regex.flags.replace(/[gy]/g, '')), { size: '-1' });
    return ['', ...fc.sample(arbitrary, { numRuns: 6, seed: 1 })].map((text) => text.slice(0, 16));
  } catch {
    // It does not generate for every pattern, such as Unicode properties.
    return ['', 'a', '1', '"a', '# a', '(a'];
  }
}

interface Attack {
  readonly before: string;
  readonly pumped: string;
  readonly after: string;
}

function attacks(regex: RegExp): readonly Attack[] {
  const found = new Map<string, Attack>();
  for (const text of matches(regex))
    for (let at = 0; at <= text.length; at += 1)
      for (const pumped of PUMPED)
        for (const end of ['', '!']) {
          const attack = { before: text.slice(0, at), pumped, after: text.slice(at) + end };
          found.set(JSON.stringify(attack), attack);
        }
  return [...found.values()];
}

const runner =
  (regex: RegExp, { before, pumped, after }: Attack) =>
  (size: number) => {
    const text = before + pumped.repeat(size / pumped.length) + after;
    return () => {
      regex.lastIndex = 0;
      if (regex.global) text.replace(regex, '');
      else regex.exec(text);
    };
  };

function isSuperlinear(regex: RegExp, attack: Attack): boolean {
  const of = runner(regex, attack);
  // This decides only what is looked at: a comparison of thousands of attacks would take minutes.
  return shortestMs(of(2_000), 1) > 0.4 && growsFaster(of);
}

const FILES = globSync(['src/**/*.ts', 'packages/node-libvirt/src/*.ts', '{collectors,controllers,guards}/*.ts']);

it('has no pattern whose time grows faster than its text', () => {
  const found = [];
  for (const file of FILES.filter((each) => !Object.hasOwn(BOUNDED, each)))
    for (const regex of regexesOf(file)) {
      const attack = attacks(regex).find((each) => isSuperlinear(regex, each));
      if (attack) found.push(`${file}: ${regex.source} with ${JSON.stringify(attack)}`);
    }
  expect(found).toEqual([]);
}, 240_000);

it('finds those that do', () => {
  for (const regex of [/^\s*(\d+)\s*([A-Za-z]*)\s*$/, /\/+$/])
    expect(attacks(regex).some((each) => isSuperlinear(regex, each))).toBe(true);
});
