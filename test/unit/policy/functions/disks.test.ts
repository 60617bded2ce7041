import { describe, expect, it } from 'vitest';
import { builtinPlugins } from '../../../../src/compose/plugins.ts';
import { disksText } from '../../../../src/model/disk-tuning.ts';
import { EMPTY_MEMORY } from '../../../../src/model/memory.ts';
import { evaluate, loadPolicy } from '../../../../src/policy/index.ts';
import { inputOf } from '../../../support/planning.ts';

const { vocabulary } = builtinPlugins();
const disk = (name: string, maximum: object = {}, current: object = {}) => ({
  ...{ name, path: `/srv/${name}`, guaranteed: {}, maximum, current },
});

function run(text: string, disks: unknown = [disk('vda', { total_iops_sec: 500 }, { read_iops_sec: 7 }), disk('vdb')]) {
  const { program, diagnostics } = loadPolicy([{ file: 'p', text }], { vocabulary });
  const errors = diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  if (program === null) return { errors, requests: [], results: [] };
  const sample = { io_tune: disks === null ? null : disksText(disks as never) };
  const { decision, results } = evaluate(program, inputOf({}, [{ samples: [sample] }]), EMPTY_MEMORY, {
    collectResults: true,
  });
  return {
    errors: [...errors, ...decision.errors.map(({ message }) => message)],
    requests: decision.requests.map(({ name, value }) => [name, value]),
    results: results.at(-1),
  };
}

const each = (body: string) => `(with Guests vm (if (valid vm.io_tune) (with vm.io_tune disk ${body}) 0))`;

describe('the disks of a guest in a policy', () => {
  it('have the limits of their owner, in one request for all disks', () => {
    expect(run(each('(disk.setTotalIopsSec disk.maximum.total_iops_sec)'))).toMatchObject({
      errors: [],
      requests: [['io_tune', 'vda total_iops_sec=500']],
    });
    const named =
      '{ (defvar most disk.maximum) (disk.setTotalIopsSec most.total_iops_sec) (disk.setReadBytesSec 65536.7) }';
    expect(run(each(named))).toMatchObject({
      errors: [],
      requests: [['io_tune', 'vda read_bytes_sec=65536 total_iops_sec=500; vdb read_bytes_sec=65536']],
    });
  });

  it('have names, paths and present limits', () => {
    expect(run(each('(debug disk.name disk.path disk.current.read_iops_sec)')).results).toEqual([[7, null]]);
    expect(run(each('disk.path')).results).toEqual([['/srv/vda', '/srv/vdb']]);
  });

  it('take the last limit of an evaluation', () => {
    expect(run(each('{ (disk.setWriteIopsSec 100) (disk.setWriteIopsSec 200) }')).requests).toEqual([
      ['io_tune', 'vda write_iops_sec=200; vdb write_iops_sec=200'],
    ]);
  });

  it('are nil for a guest without any', () => {
    expect(run(each('(disk.setWriteIopsSec 100)'), null)).toMatchObject({ errors: [], requests: [], results: [0] });
  });

  it('leave a limit as it is for nil', () => {
    expect(run(each('(disk.setReadIopsSec nil)'))).toMatchObject({ errors: [], requests: [] });
  });

  it('drop all requests of a guest after an error', () => {
    const { errors, requests } = run(each('{ (disk.setReadIopsSec 100) (disk.setWriteIopsSec "x") }'));
    expect(errors).toEqual(['setWriteIopsSec takes a number, not the text "x"']);
    expect(requests).toEqual([]);
  });

  it.each([
    ['(disk.setIops 5)', /setIops/],
    ['disk.maximum.iops', /takes|attribute|sample/],
    ['(disk.setReadIopsSec)', /setReadIopsSec/],
  ])('say what is wrong with %s', (body, message) => {
    const { errors, results } = run(each(body));
    if (errors.length === 0) expect(results).toBeDefined();
    else expect(errors.join('\n')).toMatch(message);
  });

  it('are shown by their names', () => {
    const lines: string[] = [];
    const { program } = loadPolicy([{ file: 'p', text: each('(debug disk)') }], { vocabulary });
    const sample = { io_tune: disksText([disk('vda')]) };
    evaluate(program!, inputOf({}, [{ samples: [sample] }]), EMPTY_MEMORY, { debug: (line) => lines.push(line) });
    expect(lines).toEqual(['vda']);
  });
});

describe('without the collectors', () => {
  it('says what the config must list', () => {
    const few = { ...vocabulary, guestFields: vocabulary.guestFields.filter(({ name }) => !/^(vcpu|io)_/.test(name)) };
    const { diagnostics } = loadPolicy([{ file: 'p', text: each('disk.name') }], { vocabulary: few });
    expect(diagnostics.map(({ message, hint }) => `${message}: ${hint}`)[0]).toBe(
      'this configuration has no field "io_tune": ' +
        "MOM's I/O tuning has io_tune and io_tune_current: list guest-io-tune under collectors and io-tune under controllers in the config",
    );
  });
});
