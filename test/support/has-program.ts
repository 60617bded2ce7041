import { execFileSync } from 'node:child_process';

/** Whether this machine has a program that some tests need. @param version the argument with which it prints its version */
export function hasProgram(program: string, version = '--version'): boolean {
  try {
    execFileSync(program, [version], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
