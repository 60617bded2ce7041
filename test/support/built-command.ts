import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The path of the built command. */
    ballast?: string;
  }
}

const fromHere = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Builds the command once for all test files that start it. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'ballast-built-'));
  project.provide('ballast', buildCommand(folder));
  return () => rmSync(folder, { recursive: true, force: true });
}

/** Builds the command outside the checkout, with the layout of an installed package. Returns its path. */
export function buildCommand(folder: string): string {
  execFileSync(process.execPath, [fromHere('scripts/build.mjs'), join(folder, 'dist')], { stdio: 'inherit' });
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  for (const part of ['policies', 'docs/messages']) cpSync(fromHere(part), join(folder, part), { recursive: true });
  mkdirSync(join(folder, 'bin'));
  const command = join(folder, 'bin/ballast');
  copyFileSync(fromHere('bin/ballast'), command);
  return command;
}
