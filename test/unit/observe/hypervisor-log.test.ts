import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { HypervisorLog } from '../../../src/observe/hypervisor-log.ts';
import { toStream } from '../../../src/observe/log/destination.ts';
import { createLogger } from '../../../src/observe/log/logger.ts';
import type { LogRecord } from '../../../src/observe/log/record.ts';
import type { HypervisorEvent } from '../../../src/ports/hypervisor.ts';

function logged(events: readonly HypervisorEvent[]): string[] {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().split('\n').filter(Boolean)) {
        const { level, msg } = JSON.parse(line) as LogRecord;
        lines.push(`${level}: ${msg ?? ''}`);
      }
      done();
    },
  });
  const log = createLogger({ level: 'info', format: 'json', destination: toStream(stream) });
  const subject = new HypervisorLog(log.of('hypervisor'));
  for (const event of events) subject.logEvent(event);
  return lines;
}

const lost = (reason: string): HypervisorEvent => ({ kind: 'disconnected', reason, retryInMs: 1000 });
const GUEST = { name: 'a', uuid: 'u' };

describe('HypervisorLog', () => {
  it('logs the reason for a lost connection once, and again when the reason changes or a new connection is lost', () => {
    const connected: HypervisorEvent = { kind: 'connected', uri: 'qemu:///system' };
    const lines = logged([lost('no socket'), lost('no socket'), lost('refused'), connected, lost('refused')]);
    expect(lines.map((line) => line.replace(/^(\w+): .*?(\S+ \S+)$/, '$1 $2'))).toEqual([
      'error no socket',
      'error continues: refused',
      'info to qemu:///system',
      'error continues: refused',
    ]);
  });

  it('logs guests that appear and vanish, and notices; balloon changes only at debug level', () => {
    expect(
      logged([
        { kind: 'guest-appeared', guest: GUEST },
        { kind: 'balloon-changed', guest: GUEST, currentKib: 1024 },
        { kind: 'notice', guest: GUEST, message: 'responds to libvirt again' },
        { kind: 'notice', guest: null, message: 'Something of no guest' },
        { kind: 'guest-vanished', guest: GUEST },
      ]),
    ).toEqual([
      'info: guest:a appeared',
      'warn: guest:a responds to libvirt again',
      'warn: Something of no guest',
      'info: guest:a vanished',
    ]);
  });
});
