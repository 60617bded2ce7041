import { EVENT_ID } from './constants.ts';
import { readDomain, type Domain } from './domain-ref.ts';
import { PROGRAM, REMOTE, STRING_MAX_BYTES } from './protocol.ts';
import type { Int64, XdrReader } from './xdr.ts';

export interface LifecycleEvent {
  readonly domain: Domain;
  /** virDomainEventType, see `LIFECYCLE`. */
  readonly event: number;
  /** Its meaning depends on the event (virDomainEventStartedDetailType and so on). */
  readonly detail: number;
}

export interface BalloonChangeEvent {
  readonly domain: Domain;
  readonly currentKib: Int64;
}

export interface MetadataChangeEvent {
  readonly domain: Domain;
  /** virDomainMetadataType, see `METADATA`. */
  readonly type: number;
  /** The namespace of the changed element. */
  readonly uri: string | null;
}

export interface DomainEvents {
  lifecycle: LifecycleEvent;
  balloonChange: BalloonChangeEvent;
  metadataChange: MetadataChangeEvent;
}

export type EventKind = keyof DomainEvents;

/** libvirt's number for each kind. */
export const EVENT_IDS: Readonly<Record<EventKind, number>> = {
  lifecycle: EVENT_ID.LIFECYCLE,
  balloonChange: EVENT_ID.BALLOON_CHANGE,
  metadataChange: EVENT_ID.METADATA_CHANGE,
};

type Decoded = { readonly [K in EventKind]: { readonly kind: K; readonly event: DomainEvents[K] } }[EventKind];

/** Reads an event message; null for an unknown event. */
export function readEvent(program: number, procedure: number, body: XdrReader): Decoded | null {
  if (program !== PROGRAM.REMOTE) return null;
  switch (procedure) {
    case REMOTE.DOMAIN_EVENT_CALLBACK_LIFECYCLE.procedure: {
      body.int();
      const event = { domain: readDomain(body), event: body.int(), detail: body.int() };
      body.end();
      return { kind: 'lifecycle', event };
    }
    case REMOTE.DOMAIN_EVENT_CALLBACK_BALLOON_CHANGE.procedure: {
      body.int();
      const event = { domain: readDomain(body), currentKib: body.uint64() };
      body.end();
      return { kind: 'balloonChange', event };
    }
    case REMOTE.DOMAIN_EVENT_CALLBACK_METADATA_CHANGE.procedure: {
      body.int();
      const event = {
        domain: readDomain(body),
        type: body.int(),
        uri: body.optional((r) => r.string(STRING_MAX_BYTES)),
      };
      body.end();
      return { kind: 'metadataChange', event };
    }
    default:
      return null;
  }
}
