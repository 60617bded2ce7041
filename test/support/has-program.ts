import { execFileSync } from 'node:child_process';

/** Whether this machine has a program that some tests need. */
export function hasProgram(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
