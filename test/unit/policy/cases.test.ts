import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const folder = new URL('../../cases/', import.meta.url);

describe.each(readdirSync(folder).filter((name) => name.endsWith('.jsonl')))('%s', (file) => {
  const notes = readFileSync(new URL(file, folder), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { note?: unknown }).note);

  test('every case has a note', () => {
    expect(notes.length).toBeGreaterThan(0);
    const without = notes.flatMap((note, index) =>
      typeof note === 'string' && note.trim() !== '' ? [] : [`line ${index + 1}`],
    );
    expect(without).toEqual([]);
  });

  test('there are no duplicate cases', () => {
    expect(notes.filter((note, index) => notes.indexOf(note) !== index)).toEqual([]);
  });
});
