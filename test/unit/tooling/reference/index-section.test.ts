import { expect, it } from 'vitest';
import { builtinPlugins } from '../../../../src/compose/plugins.ts';
import { headingsOf } from '../../../../src/tooling/reference/anchors.ts';
import { referencePage } from '../../../../src/tooling/reference/page.ts';

const lines = referencePage(builtinPlugins()).split('\n');
const sections = new Map<string, string[]>();
for (const line of lines) {
  const title = /^## (.*)$/.exec(line)?.[1];
  if (title !== undefined) sections.set(title, []);
  else [...sections.values()].at(-1)?.push(line);
}
const index = sections.get('Index')!;
const kindsOf = (wanted: (kind: string) => boolean) =>
  index.filter((line) => wanted(/^\*\*(.*?)\*\*/.exec(line)?.[1] ?? '')).join('\n');
const targetsIn = (text: string) => [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, target]) => target!);
const OPTIONS = 'Options of forms and methods';

/** The sections whose headings are about something else than one name. */
const WITHOUT_NAMES = /^(?:Index|The host of the examples|Fields of|Controls)/;

it('the index has each entry of the reference once', () => {
  const rows = [...lines.join('\n').matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id!);
  const anchors = headingsOf(lines);
  const headings = [...sections]
    .filter(([title]) => !WITHOUT_NAMES.test(title))
    .flatMap(([, section]) => section.flatMap((line) => /^### (.*)$/.exec(line)?.[1] ?? []))
    .map((heading) => anchors.find(({ text }) => text === heading)!.anchor);
  const listed = targetsIn(kindsOf((kind) => kind !== OPTIONS));
  expect(rows.length).toBeGreaterThan(100);
  expect(headings.length).toBeGreaterThan(70);
  expect([...listed].sort()).toEqual([...rows, ...headings].sort());
  expect(new Set(listed).size).toBe(listed.length);
});

it('the rows of all tables of names have an anchor', () => {
  const tables = [...sections].filter(([title]) => /^(?:Fields of|Properties|Controls|Units)/.test(title));
  const rows = tables.flatMap(([, section]) =>
    section.filter((line) => /^\| (?!---|field|property|control|unit|ending)/.test(line)),
  );
  expect(rows.filter((row) => !row.startsWith('| <a id="'))).toEqual([]);
});

it('each option leads to what takes it', () => {
  const text = kindsOf((kind) => kind === OPTIONS);
  for (const option of ['min', 'max', 'one-of']) expect(text).toContain(`\`:${option}\` of [param](#param)`);
  for (const option of ['down', 'up']) expect(text).toContain(`\`:${option}\` of [hysteresis](#hysteresis)`);
  expect(text).toMatch(/`:last` of .*\[StatAvg\]\(#statavg\)/);
  const anchors = headingsOf(lines).map(({ anchor }) => anchor);
  expect(targetsIn(text).filter((target) => !anchors.includes(target))).toEqual([]);
});

it('a heading that is repeated gets a number', () => {
  expect(headingsOf(['# param', 'text', '## `Param`', '## `<`, lt'])).toEqual([
    { text: 'param', anchor: 'param' },
    { text: '`Param`', anchor: 'param-1' },
    { text: '`<`, lt', anchor: '-lt' },
  ]);
});
