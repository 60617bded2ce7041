import type { ControlDecl } from './control.ts';
import type { FieldDecl } from './field.ts';

/** Every name that a policy can use: gathered from the collectors and controllers that are loaded. */
export interface Vocabulary {
  readonly hostFields: readonly FieldDecl[];
  readonly guestFields: readonly FieldDecl[];
  /** Names that `(Host.Prop …)` and `(guest.Prop …)` know. */
  readonly hostProps: readonly string[];
  readonly guestProps: readonly string[];
  /** Host and guest controls together; each says its scope. */
  readonly controls: readonly ControlDecl[];
}

export const HOST_PROPS = ['name'] as const;
export const GUEST_PROPS = ['name', 'uuid', 'id', 'pid', 'labels'] as const;
