import type { Occurrence } from '../../policy/forms/occurrence.ts';
import { ownersOf } from './owners.ts';
import type { Place, PolicyProgram } from './program.ts';

/** The definitions of the name under the cursor; empty for names of the language and the host. */
export function definitions(program: PolicyProgram, file: string, offset: number): readonly Place[] {
  const occurrence = program.analysis.at(file, offset);
  if (!occurrence) return [];
  if (occurrence.kind === 'stored')
    return program.analysis
      .referencesOf(occurrence)
      .filter(({ role }) => role === 'definition')
      .map(placeOf);
  return program.analysis.definitionsOf(occurrence).map(placeOf);
}

/** All references to the name under the cursor, in all files. */
export function references(
  program: PolicyProgram,
  file: string,
  offset: number,
  withDefinitions = true,
): readonly Place[] {
  const occurrence = program.analysis.at(file, offset);
  if (!occurrence || occurrence.kind === 'keyword') return [];
  return sameThing(program, occurrence)
    .filter(({ role }) => withDefinitions || role !== 'definition')
    .map(placeOf);
}

/** Separates host fields from guest fields of the same name. */
function sameThing({ analysis }: PolicyProgram, occurrence: Occurrence): readonly Occurrence[] {
  const all = analysis.referencesOf(occurrence);
  if (!occurrence.owner || occurrence.kind === 'method') return all;
  const owners = ownersOf(analysis, occurrence.owner);
  return all.filter(
    (other) => other.owner === null || ownersOf(analysis, other.owner).some((owner) => owners.includes(owner)),
  );
}

export function placeOf({ span: { source, start, end } }: Pick<Occurrence, 'span'>): Place {
  return { file: source.file, start, end };
}
