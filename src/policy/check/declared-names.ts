import type { ControlDecl } from '../../model/control.ts';
import type { Vocabulary } from '../../model/vocabulary.ts';
import type { Owner } from '../values/owner.ts';

/** The names of the vocabulary, by owner. */
export class DeclaredNames {
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
