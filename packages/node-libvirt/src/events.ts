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

/** A device was added or removed, or the size of a memory device changed. */
export interface DeviceEvent {
  readonly domain: Domain;
  readonly alias: string;
}

/** A job of the domain (a migration, for example) made progress or ended. */
export interface JobEvent {
  readonly domain: Domain;
}

export interface DomainEvents {
  lifecycle: LifecycleEvent;
  balloonChange: BalloonChangeEvent;
  metadataChange: MetadataChangeEvent;
  deviceAdded: DeviceEvent;
  deviceRemoved: DeviceEvent;
  memoryDeviceSizeChange: DeviceEvent;
  migrationIteration: JobEvent;
  jobCompleted: JobEvent;
}

export type EventKind = keyof DomainEvents;

/** libvirt's number for each kind. */
export const EVENT_IDS: Readonly<Record<EventKind, number>> = {
  lifecycle: EVENT_ID.LIFECYCLE,
  balloonChange: EVENT_ID.BALLOON_CHANGE,
  metadataChange: EVENT_ID.METADATA_CHANGE,
  deviceAdded: EVENT_ID.DEVICE_ADDED,
  deviceRemoved: EVENT_ID.DEVICE_REMOVED,
  memoryDeviceSizeChange: EVENT_ID.MEMORY_DEVICE_SIZE_CHANGE,
  migrationIteration: EVENT_ID.MIGRATION_ITERATION,
  jobCompleted: EVENT_ID.JOB_COMPLETED,
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
    case REMOTE.DOMAIN_EVENT_CALLBACK_DEVICE_ADDED.procedure:
      return { kind: 'deviceAdded', event: readDevice(body) };
    case REMOTE.DOMAIN_EVENT_CALLBACK_DEVICE_REMOVED.procedure:
      return { kind: 'deviceRemoved', event: readDevice(body) };
    case REMOTE.DOMAIN_EVENT_MEMORY_DEVICE_SIZE_CHANGE.procedure:
      return { kind: 'memoryDeviceSizeChange', event: readDevice(body) };
    // What follows the domain is not read: the iteration, or the statistics of the job.
    case REMOTE.DOMAIN_EVENT_CALLBACK_MIGRATION_ITERATION.procedure:
      body.int();
      return { kind: 'migrationIteration', event: { domain: readDomain(body) } };
    case REMOTE.DOMAIN_EVENT_CALLBACK_JOB_COMPLETED.procedure:
      body.int();
      return { kind: 'jobCompleted', event: { domain: readDomain(body) } };
    default:
      return null;
  }
}

function readDevice(body: XdrReader): DeviceEvent {
  body.int();
  return { domain: readDomain(body), alias: body.string(STRING_MAX_BYTES) };
}
