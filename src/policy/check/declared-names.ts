import type { ControlDecl } from '../../model/control.ts';
import type { Vocabulary } from '../../model/vocabulary.ts';
import { DISKS_FIELD } from '../../model/disk-tuning.ts';
import { NODES_FIELD } from '../../model/numa-nodes.ts';
import { NODE_ATTRIBUTES } from '../builtins/numa-nodes.ts';
import { DISK_ATTRIBUTES } from '../builtins/disks.ts';
import type { Expression } from '../forms/forms.ts';
import { PLAIN_ATTRIBUTES } from '../values/plain-attributes.ts';
import type { Owner } from '../values/owner.ts';

/** The names of the vocabulary, by owner. */
export class DeclaredNames {
  readonly fields: Readonly<Record<Owner, ReadonlySet<string>>>;
  readonly props: Readonly<Record<Owner, ReadonlySet<string>>>;
  readonly params: ReadonlySet<string>;
  readonly controls: Readonly<Record<Owner, ReadonlyMap<string, ControlDecl>>>;

  /** The attributes that values other than entities may have. */
  readonly plainAttributes: ReadonlySet<string>;

  /** @param all the expressions of the program, nested ones included */
  constructor({ hostFields, guestFields, hostProps, guestProps, controls }: Vocabulary, all: readonly Expression[]) {
    // Only an element of this field can be a disk: elsewhere `vm.name` is a mistake.
    const reads = (field: string): boolean => all.some((each) => each.kind === 'attribute' && each.attribute === field);
    this.plainAttributes = new Set([
      ...PLAIN_ATTRIBUTES,
      ...(reads(DISKS_FIELD) ? DISK_ATTRIBUTES : []),
      // The same for nodes.
      ...(reads(NODES_FIELD) ? NODE_ATTRIBUTES : []),
    ]);
    this.params = new Set(all.flatMap((each) => (each.kind === 'param' ? [each.name] : [])));
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
