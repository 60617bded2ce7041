import type { GuestRef, PolicyScalar, SourcePosition } from '../../model/control.ts';
import type { Layout, Sample } from '../../model/field.ts';
import { fieldOf } from '../../model/sample.ts';

// From the engine's values to those of resources.

/** Why a guest is not offered to policies, for operators: the engine's words are those of authors of collectors. */
export function excludedText(message: string): string {
  return message.replace(/^returned no (.+) \(required\)$/, 'reports no $1; "ballast doctor" says why');
}

export function timeText(ms: number): string {
  // A clock that is set to nonsense must not make an answer fail.
  return new Date(Math.min(Math.max(ms, -8.64e15), 8.64e15) || 0).toISOString();
}

export function refOf(guest: GuestRef | null): { name: string; uuid: string } | null {
  return guest === null ? null : { name: guest.name, uuid: guest.uuid };
}

export function positionOf(position: SourcePosition | null): { file: string; line: number; column: number } | null {
  return position === null ? null : { file: position.file, line: position.line, column: position.column };
}

/** JSON has no NaN and no infinities: they are unknown to readers. */
export function scalarOf(value: PolicyScalar): number | string | boolean | null | unknown[] {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return Array.isArray(value) ? value.map((each: PolicyScalar) => scalarOf(each)) : (value as string | boolean | null);
}

/** Numbers and texts of one sample; null: unknown. */
export function fieldsOf(layout: Layout, sample: Sample) {
  const samples = [sample];
  const value = (name: string) => fieldOf(layout, samples, name) ?? null;
  return {
    number(name: string): number | null {
      const found = value(name);
      return typeof found === 'number' && Number.isFinite(found) ? found : null;
    },
    text(name: string): string | null {
      const found = value(name);
      return typeof found === 'string' ? found : null;
    },
    flag(name: string): boolean | null {
      const found = value(name);
      return typeof found === 'boolean' ? found : null;
    },
  };
}
