import { describe, expect, it } from 'vitest';
import { unreadable, unwritable } from '../../../src/model/file-errors.ts';

const failure = (code: string) => Object.assign(new Error(`${code}: raw`), { code });

describe('the description of a file error', () => {
  it.each([
    'ENOENT',
    'EACCES',
    'EPERM',
    'EISDIR',
    'ENOTDIR',
    'ELOOP',
    'ENAMETOOLONG',
    'EIO',
    'ENXIO',
    'EMFILE',
    'ENFILE',
    'ESTALE',
    'ESPIPE',
  ])('is a phrase when reading: %s', (code) => {
    expect(unreadable(failure(code))).toMatch(/^(it|its|this|there|the)\b[^A-Z]+$/);
  });

  it.each([
    'ENOENT',
    'EACCES',
    'EPERM',
    'EISDIR',
    'ENOTDIR',
    'ELOOP',
    'ENAMETOOLONG',
    'EIO',
    'EROFS',
    'ENOSPC',
    'EDQUOT',
    'EMFILE',
    'EFBIG',
    'EEXIST',
  ])('is a phrase when writing: %s', (code) => {
    expect(unwritable(failure(code))).toMatch(/^(it|its|this|something|the)\b[^A-Z]+$/);
  });

  it("is the system's message for an unknown code, and null for a bug", () => {
    expect(unreadable(failure('EPROTO'))).toBe('EPROTO: raw');
    expect(unreadable(new TypeError('bug'))).toBe(null);
    expect(unwritable(new TypeError('bug'))).toBe(null);
  });
});
