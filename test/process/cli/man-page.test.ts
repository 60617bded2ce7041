import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { flattened, specOf } from '../../../src/cli/completion/command-spec.ts';
import { manPage } from '../../../src/cli/manual/man-page.ts';
import { defineProgram } from '../../../src/cli/program.ts';
import { capturedIo } from '../../support/captured-io.ts';

const SIGNALS = { stop: new AbortController().signal, onReload: () => {}, isAlive: () => true };
const program = defineProgram({ io: capturedIo(), signals: SIGNALS, action: () => async () => {} });
const page = manPage(program, { version: '0.1.0', date: '2026-01-02' });

function hasMan(): boolean {
  try {
    execFileSync('man', ['--version'], { stdio: 'ignore' });
    execFileSync('groff', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('ballast(1)', () => {
  it.each(flattened(specOf(program)).slice(1))('has a section of $line, with all options', ({ line, options }) => {
    const head = `.SS "${line.replaceAll('-', '\\-')} `;
    const section = page.slice(page.indexOf(head)).split('\n.SS ')[0]!;
    expect(section).toContain(head);
    for (const { flags } of options) expect(section).toContain(flags.replaceAll('-', '\\-'));
  });

  it('has the exit codes that the help of a command says, and no line that roff would take as a request', () => {
    expect(page).toContain('Exit codes: 0 no hindrance; 1 at least one');
    for (const line of page.split('\n'))
      expect(line).toMatch(/^(?:\.(?:TH|SH|SS|TP|PP|nf|fi|B|I|BR|RI|\\")(?: |$)|[^.']|$)/);
  });

  it.skipIf(!hasMan())('is formatted without warnings (needs man and groff)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ballast-man-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'ballast.1');
    writeFileSync(file, page);
    const env = { ...process.env, MANWIDTH: '80', LC_ALL: 'C.UTF-8' };
    const shown = execFileSync('sh', ['-c', 'man --warnings -l "$0" 2>&1', file], { env, encoding: 'utf8' });
    // Messages of roff are "FILE:LINE: warning: …"; the word alone is in our texts too.
    expect(shown).not.toMatch(/:\d+: (?:warning|error)/);
    expect(shown).toMatch(/^ {7}ballast - memory overcommit policy engine for KVM hosts$/m);
    expect(shown).toContain('-c, --config <file>');
  });
});
