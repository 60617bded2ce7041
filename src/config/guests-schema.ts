import { z } from 'zod';
import { NAME_PATTERN, NAME_PATTERN_FORM } from '../model/guest-pattern.ts';
import { LABEL, LABEL_FORM } from '../model/labels.ts';
import {
  flag,
  group,
  ratio,
  requiredSize,
  requiredText,
  requiredTextList,
  strict,
  textList,
  wrong,
} from '../yaml/keys.ts';
import type { KeyMeta } from '../yaml/keys.ts';

const namePattern = requiredText({
  form: NAME_PATTERN_FORM,
  pattern: NAME_PATTERN,
  doc: 'A pattern for whole guest names: `*` matches any text, `?` one character.',
});

const metadata = group(
  "What the metadata in a guest's domain XML may say about the guest. A tenant may be able to edit it, through a management system or libvirt's access control. What it may not say is ignored, and logged once for each guest with both figures. `<min_guarantee>` is no metadata: it is always honoured.",
  {
    min_up_to: ratio({
      default: '50%',
      doc: "The largest minimum that Ballast's element may set, as a share of the guest's maximum; a larger one is cut to it. By default half: every guest still has something to give when the host is short. `0%`: its minimum is ignored.",
    }),
    labels: textList({
      default: [],
      form: 'a label or a list of labels',
      item: 'a label, or a pattern with * for any text and ? for one character',
      pattern: NAME_PATTERN,
      doc: 'Labels that Ballast\'s element may set: exact ones, or patterns such as `tier-*`; `"*"` permits all. By default none: policies give memory by labels, so a tenant could call its guest `protected`. The label `no-ballooning` is a matter of `ballooning_off`.',
    }),
    ballooning_off: flag({
      default: true,
      doc: 'Whether Ballast\'s element may switch ballooning of its guest off, by `ballooning="off"` or the label `no-ballooning`. Permitted by default: it works at once and without the config when a guest is harmed, and the guest gets no more than the maximum that it was given anyway. `false` on hosts whose tenants must take part in overcommitment.',
    }),
    ovirt: flag({
      default: true,
      doc: "Whether oVirt's element counts: its guaranteed memory as the minimum, up to the guest's maximum, and its ballooning switch. By default yes: VDSM writes it, and tenants of oVirt cannot edit the XML. `false` where tenants can.",
    }),
  },
);

/** The group `guests` of the config file. */
export const guests = group('What Ballast cannot ask libvirt about the guests.', {
  balloon_min: z
    .array(
      strict({
        match: namePattern,
        min: requiredSize({ min: '0KiB', max: '64TiB', doc: 'The `balloon_min` of these guests.' }),
      }),
      { error: wrong('a list such as [{match: "web-*", min: 512MiB}]') },
    )
    .default([])
    .meta({
      doc: 'The field `balloon_min` by guest name; the first matching pattern takes effect. Used for guests for which neither `<min_guarantee>` nor the metadata element of Ballast or oVirt in the domain XML gives one.',
      form: 'a list of patterns',
    } satisfies KeyMeta),
  ballooning_off: textList({
    default: [],
    form: 'a name pattern or a list of them',
    item: NAME_PATTERN_FORM,
    pattern: NAME_PATTERN,
    doc: 'Guests whose balloons are left alone, whatever a policy asks; their statistics remain. The label `no-ballooning` and `ballooning="off"` in Ballast\'s metadata element do the same for one guest.',
  }),
  labels: z
    .array(
      strict({
        match: namePattern,
        labels: requiredTextList({
          form: 'a label or a list of labels',
          item: `a label: ${LABEL_FORM}`,
          pattern: LABEL,
          doc: 'The labels of these guests. A label is a letter or digit, then up to 63 letters, digits, `_`, `.`, `:` or `-`.',
        }),
      }),
      { error: wrong('a list such as [{match: "db-*", labels: [db, tier-1]}]') },
    )
    .default([])
    .meta({
      doc: 'Labels by guest name, for `(tagged vm "db")` in a policy; the labels of all matching patterns are added to those that `guests.metadata` permits in Ballast\'s metadata element.',
      form: 'a list of patterns',
    } satisfies KeyMeta),
  metadata,
});
