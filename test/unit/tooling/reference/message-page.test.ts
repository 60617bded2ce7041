import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { builtinPlugins } from '../../../../src/compose/plugins.ts';
import { WARNINGS, type FaultCode } from '../../../../src/policy/messages/catalogue.ts';
import { CODE_PAGES } from '../../../../src/policy/messages/pages/index.ts';
import { shownBy } from '../../../../src/tooling/reference/message-example.ts';
import { MESSAGE_CODES, messagePage } from '../../../../src/tooling/reference/message-page.ts';

const { vocabulary } = builtinPlugins();
const ROOT = new URL('../../../../', import.meta.url);

/** Codes whose example cannot be without another message, and that message. */
const BESIDES: Readonly<Partial<Record<FaultCode, FaultCode>>> = {
  'more-errors': 'unknown-field',
  'too-many-ways': 'name-of-function',
};

it('each code of the catalogue has a page, and each page has a code', () => {
  const catalogue = readFileSync(new URL('src/policy/messages/catalogue.ts', ROOT), 'utf8');
  const codes = new Set([...catalogue.matchAll(/\b(?:fault|unknown)\(\s*'([a-z-]+)'/g)].map(([, code]) => code!));
  for (const code of Object.keys(WARNINGS)) codes.add(code);
  expect([...codes].sort()).toEqual([...MESSAGE_CODES].sort());
  const pages = readdirSync(new URL('docs/messages', ROOT)).filter((name) => name !== 'README.md');
  expect(pages.sort()).toEqual([...codes].map((code) => `${code}.md`).sort());
});

describe.each(MESSAGE_CODES)('%s', (code) => {
  const { wrong, right } = CODE_PAGES[code];

  it('its example gives this message, and the mended one gives none', () => {
    const shown = shownBy(wrong, code, vocabulary)!;
    const others = shown.codes.filter((each) => each !== code && each !== BESIDES[code]);
    expect(shown.codes).toContain(code);
    expect(others).toEqual([]);
    expect(right.text).not.toBe('');
    expect(shownBy(right, code, vocabulary)).toBeNull();
  });

  it('the page has both examples, with the message between them', () => {
    const page = messagePage(code, vocabulary);
    const fences = [...page.matchAll(/^```(\w+)$/gm)].map(([, language]) => language);
    expect(fences.filter((language) => language !== 'yaml').slice(0, 3)).toEqual(['lisp', 'text', 'lisp']);
    expect(page).toContain(shownBy(wrong, code, vocabulary)!.text.trimEnd());
  });
});

it('a page says how to allow each warning of a check, except those about the comments', () => {
  const allowed = MESSAGE_CODES.filter((code) => messagePage(code, vocabulary).includes(`# ballast: allow ${code}\n`));
  const expected = Object.keys(WARNINGS).filter((code) => code !== 'unknown-allow' && code !== 'unused-allow');
  expect([...allowed].sort()).toEqual(expected.sort());
  for (const code of ['unknown-allow', 'suspicious-param'] as const)
    expect(messagePage(code, vocabulary)).toContain('It cannot be allowed: ');
  expect(messagePage('unknown-field', vocabulary)).not.toContain('## How to allow it');
});
