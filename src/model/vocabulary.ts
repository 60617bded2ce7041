import type { ControlDecl } from './control.ts';
import type { FieldDecl } from './field.ts';

/** All names that a policy can use, from the loaded collectors and controllers. */
export interface Vocabulary {
  readonly hostFields: readonly FieldDecl[];
  readonly guestFields: readonly FieldDecl[];
  /** Names accepted by `(Host.Prop …)` and `(guest.Prop …)`. */
  readonly hostProps: readonly string[];
  readonly guestProps: readonly string[];
  /** Host and guest controls; each has its scope. */
  readonly controls: readonly ControlDecl[];
}

export const HOST_PROPS = ['name'] as const;
export const GUEST_PROPS = ['name', 'uuid', 'id', 'pid', 'started', 'labels'] as const;
