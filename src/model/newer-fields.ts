import { NODES_FIELD } from './numa-nodes.ts';

/** The same for the host as {@link NEWER_GUEST_FIELDS}. */
export const NEWER_HOST_FIELDS: readonly string[] = [NODES_FIELD];

/**
 * Guest fields that recordings of format 1 made before may lack. Policies that use them still run over such a recording,
 * where these fields are nil.
 */
export const NEWER_GUEST_FIELDS: readonly string[] = [
  'ballooning_off',
  'stats_missing',
  'job',
  'balloon_model',
  'autodeflate',
  'free_page_reporting',
  'hugepages',
  'locked',
  'nosharepages',
  'memory_shared',
  'memory_source',
  'host_devices',
  'pinning_devices',
  'launch_security',
  'memory_not_plugged',
  'balloon_initial',
  'uptime',
  'mem_used',
  'balloon_stuck',
  'memory_not_returned',
  'figures_doubted',
  'pain_age',
  'granted',
  'last_target',
  'last_target_age',
  'last_outcome',
  'held_by',
  'numa_node',
];
