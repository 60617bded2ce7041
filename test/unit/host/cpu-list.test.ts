import { describe, expect, it } from 'vitest';
import { parseList } from '../../../src/host/cpu-list.ts';

describe("the kernel's list of CPUs or nodes", () => {
  it.each([
    ['0\n', [0]],
    ['0-3,8', [0, 1, 2, 3, 8]],
    ['\n', []],
  ])('reads %j', (text, list) => expect(parseList('/l', text)).toEqual(list));

  it.each(['x', '3-1', '1,', '0-', '0-9999999', '1 2'])('rejects %j', (text) => {
    expect(() => parseList('/l', text)).toThrow('/l:1: expected a list such as 0-3,8');
  });
});
