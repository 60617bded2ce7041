import { describe, expect, it } from 'vitest';
import { readTuningMetadata } from '../../../src/libvirt/tuning-metadata.ts';

const device = (attributes: string, inside = '') => `<ioTune><device ${attributes}>${inside}</device></ioTune>`;

describe('the tuning metadata of oVirt', () => {
  it('has a limit of the CPUs and limits of disks, under any prefix', () => {
    const inside =
      '<t:maximum><t:total_iops_sec>100</t:total_iops_sec><t:unknown>x</t:unknown></t:maximum><t:guaranteed/>';
    const xml = `<t:qos xmlns:t="http://ovirt.org/vm/tune/1.0"><t:vcpuLimit> 50 </t:vcpuLimit>
      <t:ioTune><t:device name="vda" path="/srv/a">${inside}</t:device><t:device path="/srv/b"/></t:ioTune></t:qos>`;
    expect(readTuningMetadata(xml)).toEqual({
      userLimit: 50,
      disks: [
        { name: 'vda', path: '/srv/a', guaranteed: {}, maximum: { total_iops_sec: 100 } },
        { name: '/srv/b', path: '/srv/b', guaranteed: {}, maximum: {} },
      ],
    });
  });

  it('may say nothing', () => {
    expect(readTuningMetadata('<qos/>')).toEqual({ userLimit: null, disks: [] });
    expect(readTuningMetadata('<qos><device name="vda"/></qos>').disks).toEqual([]);
  });

  it.each([
    [
      '<qos><vcpuLimit>101</vcpuLimit></qos>',
      'the tuning metadata says <vcpuLimit>"101", which is no number up to 100',
    ],
    ['<qos><vcpuLimit>-1</vcpuLimit></qos>', 'the tuning metadata says <vcpuLimit>"-1", which is no number up to 100'],
    ['<qos><vcpuLimit>1e1</vcpuLimit></qos>', 'the tuning metadata says <vcpuLimit>"1e1", which is no number'],
    [device('name="vda"', '<maximum><read_iops_sec>9999999999999999</read_iops_sec></maximum>'), 'no number up to'],
    [device('index="1"'), 'a <device> of the tuning metadata has neither name nor path'],
    [`<ioTune>${'<device name="a"/>'.repeat(65)}</ioTune>`, 'the tuning metadata names more than 64 disks'],
    [`<qos>${' '.repeat(262_144)}</qos>`, 'the tuning metadata is longer than 262144 characters'],
    ['<qos><vcpuLimit>', 'is not closed'],
  ])('is refused with a reason: %.60s', (xml, message) => {
    expect(() => readTuningMetadata(xml)).toThrow(message);
  });
});
