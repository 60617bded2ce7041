import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

const UNIT = join(import.meta.dirname, '../../../packaging/systemd/ballast.service');

/** The version of systemd-analyze; 0: it is not installed. */
function systemdVersion(): number {
  try {
    return Number(/^systemd (\d+)/.exec(execFileSync('systemd-analyze', ['--version'], { encoding: 'utf8' }))?.[1]);
  } catch {
    return 0;
  }
}

const unit = readFileSync(UNIT, 'utf8');
// `security --offline` is new in systemd 250.
const canAnalyze = systemdVersion() >= 250;

describe('the systemd unit', () => {
  it.skipIf(!canAnalyze)('is valid (needs systemd-analyze 250)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ballast-unit-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    // The command is not installed here.
    writeFileSync(join(folder, 'ballast.service'), unit.replaceAll('/usr/bin/ballast', '/bin/true'));
    expect(
      execFileSync('systemd-analyze', ['verify', '--man=no', join(folder, 'ballast.service')], {
        encoding: 'utf8',
        stdio: 'pipe',
      }),
    ).toBe('');
  });

  it.skipIf(!canAnalyze)('is as hardened as the documentation says (needs systemd-analyze 250)', () => {
    // It fails above the threshold, in tenths.
    const report = execFileSync(
      'systemd-analyze',
      ['security', '--offline=true', '--no-pager', '--threshold=22', UNIT],
      { encoding: 'utf8' },
    );
    expect(report).toMatch(/Overall exposure level for ballast.service: \d/);
  });

  it('lets code be generated, says why, and feeds the watchdog by any child', () => {
    expect(unit).not.toMatch(/^MemoryDenyWriteExecute=/m);
    expect(unit).toMatch(/^# - MemoryDenyWriteExecute: V8 generates machine code/m);
    expect(unit).toMatch(/^NotifyAccess=all$/m);
  });
});
