import { catalogue } from '../messages/catalogue.ts';
import { Entity } from '../values/entity.ts';
import { describe, type CallContext, type Value } from '../values/values.ts';

/** `(tagged GUEST "LABEL" …)`. Labels are stored in the property `labels`, separated by spaces; without the property there are none. */
export function tagged([who, ...labels]: readonly Value[], context: CallContext): boolean {
  if (!(who instanceof Entity)) return context.fail(catalogue.guestWanted('tagged', describe(who ?? null)));
  const { labels: own } = who.props;
  // Searching takes up to the product of both lengths; labels are short.
  if (typeof own === 'string')
    for (const label of labels)
      if (typeof label === 'string') context.charge(Math.floor((own.length * label.length) / 1024));
  const padded = typeof own === 'string' ? ` ${own} ` : '';
  return labels.some((label) => {
    if (typeof label !== 'string')
      return context.fail(catalogue.operands('tagged', 'labels in quotes', describe(label), context.nilHint(labels)));
    return label !== '' && !label.includes(' ') && padded.includes(` ${label} `);
  });
}
