export * from './constants.ts';
export { connect, type ConnectOptions } from './connect.ts';
export { Connection, type FlagOptions } from './connection.ts';
export type { Domain, DomainRef } from './domain-ref.ts';
export type { BalloonStats } from './balloon-stats.ts';
export type * from './domain-stats.ts';
export { ERROR_CODE, ERROR_DOMAIN, type ErrorCodeName, type ErrorDomainName } from './error-names.ts';
export { LibvirtConnectionError, LibvirtError, LibvirtTimeoutError, type ConnectionErrorCode } from './errors.ts';
export type {
  BalloonChangeEvent,
  DeviceEvent,
  DomainEvents,
  EventKind,
  JobEvent,
  LifecycleEvent,
  MetadataChangeEvent,
} from './events.ts';
export type { KeepaliveOptions } from './keepalive.ts';
export type { MemoryStats } from './memory-stats.ts';
export type { CallOptions } from './rpc.ts';
export type { BlockIoTune, SchedulerParameters } from './tuning.ts';
export type { TypedParam, TypedParamType, TypedValue } from './typed-params.ts';
export { PROGRAM, type Procedure } from './protocol.ts';
export { XdrError, type Int64, type XdrReader, type XdrWriter } from './xdr.ts';
