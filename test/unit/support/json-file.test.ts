import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseJson, readJson } from '../../../src/support/json-file.ts';

const FORMAT = {
  schema: z.strictObject({ format: z.literal(1), names: z.array(z.string()) }),
  mostBytes: 100,
  version: ['format', 1],
} as const;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-json-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a JSON file', () => {
  it.each([
    ['{"format": 1, "names": ["a"]}', { content: { format: 1, names: ['a'] } }],
    ['', { wrong: 'it is not JSON' }],
    ['{', { wrong: 'it is not JSON' }],
    ['\uFEFF\0', { wrong: 'it is not JSON' }],
    ['null', { wrong: expect.stringMatching(/^its content is wrong: /) as string }],
    ['{"format": 3}', { wrong: 'it has version 3; this Ballast reads version 1' }],
    ['{"format": "3", "names": []}', { wrong: expect.stringMatching(/^format is wrong: /) as string }],
    ['{"format": 1, "names": ["a", 2]}', { wrong: expect.stringMatching(/^names\.1 is wrong: /) as string }],
    [`"${'x'.repeat(200)}"`, { wrong: 'it has more than 100 bytes' }],
  ])('with %j is read, or the message says what is wrong', async (text, expected) => {
    const path = join(folder, 'file.json');
    await writeFile(path, text);
    const bytes = await readJson(path, FORMAT);
    expect(bytes!.length).toBeLessThanOrEqual(101);
    expect(parseJson(bytes!, FORMAT)).toEqual(expected);
  });

  it('need not be there, and nothing but a file is read', async () => {
    await writeFile(join(folder, 'file'), '');
    expect(await readJson(join(folder, 'none'), FORMAT)).toBe(null);
    expect(await readJson(join(folder, 'file/none'), FORMAT)).toBe(null);
    await expect(readJson(folder, FORMAT)).rejects.toMatchObject({ code: 'EISDIR' });
  });
});
