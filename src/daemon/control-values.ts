import type { ControlValue, GuestRef, PolicyScalar } from '../model/control.ts';
import { BALLOON_PAGE_KIB } from '../model/units.ts';

/** Identifies a control of the host or of one guest. */
export function valueKey({ control, guest }: { readonly control: string; readonly guest: GuestRef | null }): string {
  return `${guest?.uuid ?? 'host'} ${control}`;
}

/** Whether a control has a value. A balloon moves in pages, and may stop less than one beside its target. */
export function has({ guest, value }: ControlValue, present: PolicyScalar | undefined): boolean {
  if (typeof value === 'number' && typeof present === 'number' && guest !== null)
    return Math.abs(value - present) < BALLOON_PAGE_KIB;
  return JSON.stringify(value) === JSON.stringify(present);
}
