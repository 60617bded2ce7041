import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ReservationFile } from '../../../src/daemon/reservations.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-reservations-'));
});
afterEach(() => rm(folder, { recursive: true }));

const VALID =
  '{"reservations": [{"name": "web-9", "client": "nova", "kib": 4194304, "until": "2026-01-02T03:04:05Z"}]}';
const PARSED = [{ name: 'web-9', client: 'nova', kib: 4_194_304, untilMs: Date.UTC(2026, 0, 2, 3, 4, 5) }];

function reader() {
  const path = join(folder, 'reservations.json');
  const lines: string[] = [];
  const log = (level: string) => (_fields: object, message: string) =>
    lines.push(`${level}: ${message.replace(path, 'FILE')}`);
  const file = new ReservationFile(path, { info: log('info'), error: log('error') } as never);
  return { file, lines, write: (text: string) => writeFile(path, text), remove: () => rm(path) };
}

describe('the file of reservations', () => {
  it('need not be there, comes and goes, and each change is logged once', async () => {
    const { file, lines, write, remove } = reader();
    expect(await file.read()).toEqual([]);
    await write(VALID);
    expect(await file.read()).toEqual(PARSED);
    expect(await file.read()).toEqual(PARSED);
    await remove();
    expect(await file.read()).toEqual([]);
    expect(lines).toEqual([
      'info: Reserved: 4 GiB for web-9 (nova) until 2026-01-02T03:04:05.000Z',
      'info: Reserved: nothing any more',
    ]);
  });

  it.each([
    ['{', 'it is not JSON; expected '],
    ['[]', 'its content is wrong: '],
    ['{"reservations": [{"name": "web-9"}]}', 'reservations.0.client is wrong: '],
    [VALID.replace('4194304', '-1'), 'reservations.0.kib is wrong: '],
    [VALID.replace('4194304', '1e300'), 'reservations.0.kib is wrong: '],
    [VALID.replace('web-9', 'a\\nb'), 'reservations.0.name is wrong: expected 1 to 128 printable ASCII characters'],
    [VALID.replace('2026-01-02T03:04:05Z', 'tomorrow'), 'reservations.0.until is wrong: '],
    [' '.repeat(70_000), 'it has more than 65536 bytes'],
  ])('%j is reported, and the reservations before it stay', async (text, message) => {
    const { file, lines, write } = reader();
    await write(VALID);
    await file.read();
    await write(text);
    expect(await file.read()).toEqual(PARSED);
    expect(await file.read()).toEqual(PARSED);
    expect(lines.slice(1)).toEqual([expect.stringContaining(`error: FILE: ${message}`)]);
    expect(lines[1]).toContain('the reservations before it stay in force');
  });
});
