/** Flags and enums of libvirt-domain.h, by libvirt's names without the prefix. Combine flags with `|`. */

/** What a change affects (virDomainModificationImpact). */
export const AFFECT = { CURRENT: 0, LIVE: 1, CONFIG: 2 } as const;

/** virDomainMemoryModFlags: {@link AFFECT}, and MAXIMUM to set the maximum instead of the current allocation. */
export const MEM = { CURRENT: 0, LIVE: 1, CONFIG: 2, MAXIMUM: 4 } as const;

/** virConnectListAllDomainsFlags; 0 lists all. */
export const LIST_DOMAINS = {
  ACTIVE: 1 << 0,
  INACTIVE: 1 << 1,
  PERSISTENT: 1 << 2,
  TRANSIENT: 1 << 3,
  RUNNING: 1 << 4,
  PAUSED: 1 << 5,
  SHUTOFF: 1 << 6,
  OTHER: 1 << 7,
  MANAGEDSAVE: 1 << 8,
  NO_MANAGEDSAVE: 1 << 9,
  AUTOSTART: 1 << 10,
  NO_AUTOSTART: 1 << 11,
  HAS_SNAPSHOT: 1 << 12,
  NO_SNAPSHOT: 1 << 13,
  HAS_CHECKPOINT: 1 << 14,
  NO_CHECKPOINT: 1 << 15,
} as const;

/** virDomainStatsTypes: the groups of bulk statistics; 0: all groups that the driver supports. */
export const STATS = {
  STATE: 1 << 0,
  CPU_TOTAL: 1 << 1,
  BALLOON: 1 << 2,
  VCPU: 1 << 3,
  INTERFACE: 1 << 4,
  BLOCK: 1 << 5,
  PERF: 1 << 6,
  IOTHREAD: 1 << 7,
  MEMORY: 1 << 8,
  DIRTYRATE: 1 << 9,
  VM: 1 << 10,
} as const;

/** virConnectGetAllDomainStatsFlags. The filters cannot be combined with a list of domains. */
export const STATS_FLAGS = {
  ACTIVE: 1 << 0,
  INACTIVE: 1 << 1,
  PERSISTENT: 1 << 2,
  TRANSIENT: 1 << 3,
  RUNNING: 1 << 4,
  PAUSED: 1 << 5,
  SHUTOFF: 1 << 6,
  OTHER: 1 << 7,
  /** Do not wait for a guest that is busy with another job: return only the values available without it. */
  NOWAIT: 1 << 29,
  /** Include complete backing chains in the block group. */
  BACKING: 1 << 30,
  /** Return an error when the driver does not support a group. */
  ENFORCE_STATS: 0x8000_0000,
} as const;

/** virDomainXMLFlags. */
export const XML = { SECURE: 1, INACTIVE: 2, UPDATE_CPU: 4, MIGRATABLE: 8 } as const;

/** virDomainMetadataType. */
export const METADATA = { DESCRIPTION: 0, TITLE: 1, ELEMENT: 2 } as const;

/** virDomainCreateFlags. */
export const START = {
  PAUSED: 1,
  AUTODESTROY: 2,
  BYPASS_CACHE: 4,
  FORCE_BOOT: 8,
  VALIDATE: 16,
  RESET_NVRAM: 32,
} as const;

/** virDomainDefineFlags. */
export const DEFINE = { VALIDATE: 1 } as const;

/** virDomainDestroyFlagsValues. */
export const DESTROY = { DEFAULT: 0, GRACEFUL: 1, REMOVE_LOGS: 2 } as const;

/** virDomainUndefineFlagsValues. */
export const UNDEFINE = {
  MANAGED_SAVE: 1,
  SNAPSHOTS_METADATA: 2,
  NVRAM: 4,
  KEEP_NVRAM: 8,
  CHECKPOINTS_METADATA: 16,
  TPM: 32,
  KEEP_TPM: 64,
} as const;

/** virDomainState. */
export const DOMAIN_STATE = {
  NOSTATE: 0,
  RUNNING: 1,
  BLOCKED: 2,
  PAUSED: 3,
  SHUTDOWN: 4,
  SHUTOFF: 5,
  CRASHED: 6,
  PMSUSPENDED: 7,
} as const;

/** virDomainEventType: the type of a lifecycle event. */
export const LIFECYCLE = {
  DEFINED: 0,
  UNDEFINED: 1,
  STARTED: 2,
  SUSPENDED: 3,
  RESUMED: 4,
  STOPPED: 5,
  SHUTDOWN: 6,
  PMSUSPENDED: 7,
  CRASHED: 8,
} as const;

/** virDomainEventID: the events that this package decodes. */
export const EVENT_ID = {
  LIFECYCLE: 0,
  BALLOON_CHANGE: 13,
  DEVICE_REMOVED: 15,
  DEVICE_ADDED: 19,
  MIGRATION_ITERATION: 20,
  JOB_COMPLETED: 21,
  METADATA_CHANGE: 23,
  MEMORY_DEVICE_SIZE_CHANGE: 26,
} as const;

/** virDomainJobType: whether a job is running. */
export const JOB_TYPE = { NONE: 0, BOUNDED: 1, UNBOUNDED: 2, COMPLETED: 3, FAILED: 4, CANCELLED: 5 } as const;

/** virDomainJobOperation, in the order of its numbers. */
export const JOB_OPERATIONS = [
  'unknown',
  'start',
  'save',
  'restore',
  'incoming migration',
  'migration',
  'snapshot',
  'snapshot revert',
  'dump',
  'backup',
  'snapshot delete',
] as const;

/** Special timeouts of a guest agent command (virDomainQemuAgentCommandTimeoutValues). */
export const AGENT_TIMEOUT = { BLOCK: -2, DEFAULT: -1, NOWAIT: 0 } as const;
