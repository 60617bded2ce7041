/** The owners of fields, properties and controls. */
export type Owner = 'host' | 'guest';

export const OWNERS: readonly Owner[] = ['host', 'guest'];
export const OWNER_NAMES: Readonly<Record<Owner, string>> = { host: 'Host', guest: 'a guest' };
