import { LibvirtError, type Connection, type DomainRef, type EventKind } from 'node-libvirt';

/** An older libvirt does not know every event: what it would report is then seen later. */
export async function subscribeIfKnown(
  query: Connection,
  kind: Exclude<EventKind, 'lifecycle' | 'balloonChange' | 'metadataChange'>,
  changed: (guest: DomainRef) => void,
): Promise<void> {
  try {
    await query.subscribe(kind, ({ domain }) => changed(domain));
  } catch (error) {
    if (!(error instanceof LibvirtError)) throw error;
  }
}
