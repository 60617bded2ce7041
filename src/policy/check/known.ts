import type { ControlDecl } from '../../model/control.ts';
import type { Vocabulary } from '../../model/vocabulary.ts';

/** The vocabulary, by who has what. */
export class Known {
  readonly fields: Readonly<Record<Owner, ReadonlySet<string>>>;
  readonly props: Readonly<Record<Owner, ReadonlySet<string>>>;
  readonly controls: Readonly<Record<Owner, ReadonlyMap<string, ControlDecl>>>;

  constructor({ hostFields, guestFields, hostProps, guestProps, controls }: Vocabulary) {
    const scoped = (scope: Owner): ReadonlyMap<string, ControlDecl> =>
      new Map(controls.filter((control) => control.scope === scope).map((control) => [control.name, control]));
    this.fields = {
      host: new Set(hostFields.map(({ name }) => name)),
      guest: new Set(guestFields.map(({ name }) => name)),
    };
    this.props = { host: new Set(hostProps), guest: new Set(guestProps) };
    this.controls = { host: scoped('host'), guest: scoped('guest') };
  }
}

export type Owner = 'host' | 'guest';

export const OWNERS: readonly Owner[] = ['host', 'guest'];
export const OWNER_NAMES: Readonly<Record<Owner, string>> = { host: 'Host', guest: 'a guest' };
