import { expect, test } from 'vitest';
import { loadParameters } from '../../../src/parameters/parameters.ts';
import { loadPolicy } from '../../../src/policy/index.ts';

const { program } = loadPolicy([{ file: 'p', text: '(param room 512MiB)' }]);

test('warns about a plain number on the command line with the value that was read', async () => {
  const chosen = [{ name: 'room', given: '9', target: { kind: 'all' } }] as const;
  const loaded = await loadParameters({ parameters: [], parametersFile: null }, chosen, {
    declared: program!,
    otherPolicies: false,
  });
  expect('warnings' in loaded && loaded.warnings).toEqual(['--param room: 9 is taken as 9 KiB; write 9KiB or 9MiB']);
});
