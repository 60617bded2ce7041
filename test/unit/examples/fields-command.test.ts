import { describe, expect, it } from 'vitest';
import { buildProgram } from '../../../src/cli/program.ts';
import { capturedIo } from '../../support/captured-io.ts';
import { fieldsCommand } from './fields-command.ts';

const SIGNALS = { stop: new AbortController().signal, onReload: () => {}, isAlive: () => true };

async function ballast(...args: string[]) {
  const io = capturedIo();
  const code = await buildProgram(io, SIGNALS, [fieldsCommand])(args);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

describe('ballast fields', () => {
  it('lists the fields with a matching name', async () => {
    expect(await ballast('fields', 'ksm_pages_to')).toEqual({
      code: 0,
      stdout: 'of    field              unit\nhost  ksm_pages_to_scan  pages\n',
      stderr: '',
    });
  });

  it('prints JSON', async () => {
    const { code, stdout } = await ballast('fields', '--json', 'ksm_pages_to');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual([{ entity: 'host', name: 'ksm_pages_to_scan', unit: 'pages' }]);
  });

  it('reports errors with exit code 2', async () => {
    expect(await ballast('fields', 'nonsense')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'no field has "nonsense" in its name\n',
    });
    expect((await ballast('fields', '--config', 'gone.yaml')).stderr).toMatch(/^gone\.yaml: /);
  });
});
