import { readFileSync } from 'node:fs';
import { crc32, deflateSync, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { fingerprint, KEYWORD } from '../../../scripts/pictures/dashboard-page.ts';
import { smallPng, textIn } from '../../../scripts/pictures/png.ts';
import { runsOf, terminalPicture } from '../../../scripts/pictures/terminal.ts';
import { readDashboard } from '../../support/grafana.ts';

describe('the picture of the dashboard', () => {
  const picture = readFileSync('docs/dashboard.png');

  it('shows the panels as they are now', () => {
    const isNew = textIn(picture, KEYWORD) === fingerprint(readDashboard());
    expect(isNew, 'docs/dashboard.png is older than the dashboard; "npm run pictures dashboard" draws it').toBe(true);
  });

  it('is small enough for a page', () => {
    expect(picture.length).toBeLessThan(300_000);
  });
});

describe('a small PNG', () => {
  /** Two pixels of each of these rows, each with another filter: what is stored is the difference to its guess. */
  const ROWS = [
    { filter: 0, bytes: [10, 20, 30, 40, 50, 60] },
    { filter: 1, bytes: [10, 20, 30, 30, 30, 30] },
    { filter: 2, bytes: [0, 0, 0, 0, 0, 0] },
    { filter: 3, bytes: [5, 10, 15, 15, 15, 15] },
    { filter: 4, bytes: [0, 0, 0, 0, 0, 0] },
  ];
  const chunk = (type: string, data: Buffer): Buffer => {
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(Buffer.concat([Buffer.from(type), data])));
    return Buffer.concat([length, Buffer.from(type), data, sum]);
  };
  const header = Buffer.from([0, 0, 0, 2, 0, 0, 0, ROWS.length, 8, 2, 0, 0, 0]);
  const signature = Buffer.from('\u0089PNG\r\n\u001a\n', 'latin1');
  const png = Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.from(ROWS.flatMap(({ filter, bytes }) => [filter, ...bytes])))),
    chunk('IEND', Buffer.alloc(0)),
  ]);

  it('has the same pixels, whatever the filters of its rows are', () => {
    const small = smallPng(png, 'Key', 'value');
    const dataOf = (type: string): Buffer => {
      const at = small.indexOf(type);
      return small.subarray(at + 4, at + 4 + small.readUInt32BE(at - 4));
    };
    const palette = dataOf('PLTE');
    const rows = inflateSync(dataOf('IDAT'));
    const colour = (y: number, x: number) => [
      ...palette.subarray(3 * rows[3 * y + 1 + x]!, 3 * rows[3 * y + 1 + x]! + 3),
    ];
    for (const y of ROWS.keys()) expect([colour(y, 0), colour(y, 1)]).toEqual([[10, 20, 30], [40, 50, 60]]); // prettier-ignore
    expect(textIn(small, 'Key')).toBe('value');
    expect(textIn(small, 'Other')).toBeNull();
  });

  it('is made of no other file', () => {
    expect(() => smallPng(Buffer.from('GIF89a'), 'Key', 'value')).toThrow('this is no PNG');
    expect(() => smallPng(smallPng(png, 'Key', 'value'), 'Key', 'value')).toThrow('a PNG of this kind cannot be read');
  });
});

describe('the picture of a terminal', () => {
  it('has the styles and the places of its texts', () => {
    const plain = { bold: false, red: false, reverse: false };
    expect(runsOf('  a b  \u001b[1m\u001b[31mred\u001b[0m end ')).toEqual([
      { ...plain, column: 2, words: 'a b' },
      { ...plain, bold: true, red: true, column: 7, words: 'red' },
      { ...plain, column: 11, words: 'end' },
    ]);
    expect(runsOf('\u001b[7m keys \u001b[27m')).toEqual([{ ...plain, reverse: true, column: 0, words: ' keys ' }]);
  });

  it('does not leave out a style that it does not know', () => {
    expect(() => runsOf('\u001b[32mgreen')).toThrow(String.raw`the picture of a terminal has no style for \e[32m`);
  });

  it('escapes what the terminal shows', () => {
    const picture = terminalPicture('a < b & c\n\n', { title: '<t>', command: 'x', columns: 20 });
    expect(picture).toContain('>a &lt; b &amp; c</text>');
    expect(picture).toContain('<title>&lt;t&gt;</title>');
  });
});
