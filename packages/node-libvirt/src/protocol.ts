/** Numbers of libvirt's RPC protocol (remote_protocol.x, qemu_protocol.x, virnetprotocol.x), a stable ABI. */

export const PROGRAM = {
  REMOTE: 0x20008086,
  QEMU: 0x20008087,
  KEEPALIVE: 0x6b656570,
} as const;

/** The version of all three programs. */
export const PROGRAM_VERSION = 1;

export const MESSAGE_TYPE = { CALL: 0, REPLY: 1, MESSAGE: 2 } as const;
export const STATUS = { OK: 0, ERROR: 1 } as const;
export const KEEPALIVE_PROCEDURE = { PING: 1, PONG: 2 } as const;

/** Maximum length of a message, including its length word. */
export const MESSAGE_MAX_BYTES = 32 * 1024 * 1024 + 4;

export const STRING_MAX_BYTES = 4_194_304;
export const DOMAIN_LIST_MAX = 16_384;
export const STATS_PARAMS_MAX = 262_144;
export const SCHEDULER_PARAMS_MAX = 16;
export const BLOCK_IO_TUNE_PARAMS_MAX = 32;
export const MEMORY_STATS_MAX = 1024;
export const JOB_STATS_MAX = 64;
export const AUTH_TYPES_MAX = 20;

export const AUTH_TYPE = { NONE: 0, SASL: 1, POLKIT: 2 } as const;

/** Features for CONNECT_SUPPORTS_FEATURE. */
export const FEATURE = { KEEPALIVE: 10, REMOTE_EVENT_CALLBACK: 14 } as const;

export const REMOTE_PROCEDURE = {
  CONNECT_OPEN: 1,
  CONNECT_CLOSE: 2,
  CONNECT_GET_TYPE: 3,
  CONNECT_GET_VERSION: 4,
  DOMAIN_CREATE_XML: 10,
  DOMAIN_GET_XML_DESC: 14,
  DOMAIN_LOOKUP_BY_ID: 22,
  DOMAIN_LOOKUP_BY_NAME: 23,
  DOMAIN_LOOKUP_BY_UUID: 24,
  DOMAIN_RESUME: 28,
  DOMAIN_SUSPEND: 34,
  CONNECT_GET_HOSTNAME: 59,
  CONNECT_SUPPORTS_FEATURE: 60,
  AUTH_LIST: 66,
  AUTH_POLKIT: 70,
  CONNECT_GET_URI: 110,
  CONNECT_GET_LIB_VERSION: 157,
  DOMAIN_MEMORY_STATS: 159,
  DOMAIN_CREATE_WITH_FLAGS: 196,
  DOMAIN_GET_VCPUS_FLAGS: 200,
  DOMAIN_SET_MEMORY_FLAGS: 204,
  DOMAIN_GET_STATE: 212,
  DOMAIN_SET_SCHEDULER_PARAMETERS_FLAGS: 219,
  DOMAIN_GET_SCHEDULER_PARAMETERS_FLAGS: 223,
  DOMAIN_UNDEFINE_FLAGS: 231,
  DOMAIN_DESTROY_FLAGS: 234,
  DOMAIN_SET_BLOCK_IO_TUNE: 252,
  DOMAIN_GET_BLOCK_IO_TUNE: 253,
  DOMAIN_SET_METADATA: 264,
  DOMAIN_GET_METADATA: 265,
  CONNECT_LIST_ALL_DOMAINS: 273,
  DOMAIN_GET_JOB_STATS: 298,
  DOMAIN_SET_MEMORY_STATS_PERIOD: 308,
  CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY: 316,
  CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY: 317,
  DOMAIN_EVENT_CALLBACK_LIFECYCLE: 318,
  DOMAIN_EVENT_CALLBACK_BALLOON_CHANGE: 331,
  DOMAIN_EVENT_CALLBACK_DEVICE_REMOVED: 333,
  CONNECT_GET_ALL_DOMAIN_STATS: 344,
  DOMAIN_DEFINE_XML_FLAGS: 350,
  DOMAIN_EVENT_CALLBACK_DEVICE_ADDED: 354,
  DOMAIN_EVENT_CALLBACK_MIGRATION_ITERATION: 359,
  DOMAIN_EVENT_CALLBACK_JOB_COMPLETED: 363,
  DOMAIN_EVENT_CALLBACK_METADATA_CHANGE: 379,
  DOMAIN_EVENT_MEMORY_DEVICE_SIZE_CHANGE: 438,
} as const;

export const QEMU_PROCEDURE = { DOMAIN_AGENT_COMMAND: 3 } as const;

/** A procedure: its numbers for the call, and its name for error messages. */
export interface Procedure {
  readonly program: number;
  readonly procedure: number;
  readonly name: string;
}

function procedures<N extends string>(
  program: number,
  numbers: Readonly<Record<N, number>>,
): Readonly<Record<N, Procedure>> {
  const entries = Object.entries<number>(numbers).map(([name, procedure]) => [
    name,
    Object.freeze({ program, procedure, name }),
  ]);
  return Object.freeze(Object.fromEntries(entries)) as Readonly<Record<N, Procedure>>;
}

export const REMOTE = procedures(PROGRAM.REMOTE, REMOTE_PROCEDURE);
export const QEMU = procedures(PROGRAM.QEMU, QEMU_PROCEDURE);
