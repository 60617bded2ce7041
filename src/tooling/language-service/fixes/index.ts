import type { Diagnostic } from '../../../policy/index.ts';
import type { PolicyProgram } from '../program.ts';
import { siteOf, type Proposal } from './site.ts';
import { CURES } from './table.ts';

/** Characters of program text that one request checks again. A shipped policy has less than 10,000. */
const CHECKED = 500_000;

/** How many proposals one request can try. */
export function budgetFor(program: PolicyProgram): { left: number } {
  const length = program.sources.reduce((sum, { text }) => sum + text.length, 1);
  return { left: Math.min(50, Math.floor(CHECKED / length)) };
}

/**
 * The changes that cure a message: after each of them it is gone, and no other one has come.
 * @param own the change that the message itself proposes
 */
export function fixesFor(
  program: PolicyProgram,
  diagnostic: Diagnostic,
  own: readonly Proposal[],
  budget: { left: number },
): readonly Proposal[] {
  const site = budget.left > 0 ? siteOf(program, diagnostic) : null;
  const cures = CURES[diagnostic.code] ?? [];
  if (!site) return [];
  return [() => own, ...cures].flatMap((cure) => {
    if (budget.left <= 0) return [];
    for (const proposal of cure(site)) {
      if (budget.left <= 0) break;
      budget.left -= 1;
      if (isCure(program, diagnostic, proposal)) return [proposal];
    }
    return [];
  });
}

function isCure(program: PolicyProgram, { code, phase }: Diagnostic, { edits }: Proposal): boolean {
  // Wrong characters and brackets hide what is wrong besides.
  const counts = (all: readonly Diagnostic[]): Map<string, number> => {
    const found = new Map<string, number>();
    for (const each of all)
      if (phase !== 'parse' || each.phase === 'parse') found.set(each.code, (found.get(each.code) ?? 0) + 1);
    return found;
  };
  const [before, after] = [counts(program.diagnostics), counts(program.edited(edits).diagnostics)];
  const isLess = (after.get(code) ?? 0) < (before.get(code) ?? 0);
  return isLess && [...after].every(([each, count]) => count <= (before.get(each) ?? 0));
}
