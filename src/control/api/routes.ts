import { z } from 'zod';
import { givenName } from './common.ts';
import * as guests from './guests.ts';
import * as pauses from './pauses.ts';
import * as settings from './settings.ts';
import * as status from './status.ts';

/** One operation. The server, its OpenAPI description and the tests are made from this table. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With parameters in braces, as in OpenAPI. */
  readonly path: string;
  /** read: on both sockets; change: on control.sock only. */
  readonly socket: 'read' | 'change';
  /** Its answer takes work: such requests are answered one after the other, and few may wait. */
  readonly heavy?: true;
  /** Of the parameters in the path; all are texts. */
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  readonly answer: z.ZodObject;
  readonly doc: string;
}

const named = z.strictObject({ name: givenName });
const read = { method: 'GET', socket: 'read' } as const;
const post = { method: 'POST', socket: 'change' } as const;
const put = { method: 'PUT', socket: 'change' } as const;
const remove = { method: 'DELETE', socket: 'change' } as const;

export const ROUTES = {
  version: { ...read, path: '/v1/version', answer: status.version, doc: 'The version of the daemon' },
  status: {
    ...read,
    path: '/v1/status',
    answer: status.status,
    doc: 'The daemon, the memory of the host, overcommitment, KSM, what is paused and what is wrong',
  },
  guests: {
    ...read,
    path: '/v1/guests',
    answer: guests.guests,
    doc: 'All guests: size, target, floor, what was wanted, what is held back and why',
  },
  decisions: {
    ...read,
    path: '/v1/decisions',
    heavy: true,
    query: guests.historyQuery,
    answer: guests.decisions,
    doc: 'The writes of the last hour, who asked for them, and what became of them',
  },
  holds: {
    ...read,
    path: '/v1/holds',
    heavy: true,
    query: guests.holdsQuery,
    answer: guests.holds,
    doc: 'What was held back in the last hour: by which guard, why, and how often',
  },
  why: {
    ...read,
    path: '/v1/why',
    heavy: true,
    query: guests.whyQuery,
    answer: guests.why,
    doc: 'Why a guest, or the host, was changed or left alone',
  },
  parameters: {
    ...read,
    path: '/v1/parameters',
    answer: settings.parameters,
    doc: 'The parameters that the policies declare, and their values',
  },
  policy: { ...read, path: '/v1/policy', answer: settings.policy, doc: 'The policies in effect, with their text' },
  pauses: {
    ...read,
    path: '/v1/pauses',
    answer: pauses.pauses,
    doc: 'What is paused, since when, until when and by whom',
  },
  reservations: {
    ...read,
    path: '/v1/reservations',
    answer: pauses.reservations,
    doc: 'Room on the host that is kept for guests that are about to start or to arrive',
  },
  config: { ...read, path: '/v1/config', heavy: true, answer: settings.config, doc: 'The config in effect' },
  recording: { ...read, path: '/v1/recording', answer: settings.recording, doc: 'The file that is recorded to' },
  logLevel: { ...read, path: '/v1/log', answer: settings.logLevel, doc: 'The lowest level that is logged' },

  pause: {
    ...post,
    path: '/v1/pause',
    body: pauses.pauseRequest,
    answer: pauses.pauses,
    doc: 'Stops all writes to KSM, to the balloons or to the balloon of one guest. Kept over a restart',
  },
  resume: { ...post, path: '/v1/resume', body: pauses.resumeRequest, answer: pauses.pauses, doc: 'Ends a pause' },
  setParameter: {
    ...put,
    path: '/v1/parameters/{name}',
    params: named,
    body: settings.parameterRequest,
    answer: settings.parameters,
    doc: 'Sets a parameter with the next evaluation. Kept over a restart',
  },
  resetParameter: {
    ...remove,
    path: '/v1/parameters/{name}',
    params: named,
    query: settings.parameterTarget,
    answer: settings.parameters,
    doc: 'Removes a value that was set',
  },
  checkPolicy: {
    ...post,
    path: '/v1/policy/check',
    heavy: true,
    body: settings.policyTexts,
    answer: settings.checked,
    doc: 'Checks policies as the daemon would load them; nothing changes',
  },
  setPolicy: {
    ...put,
    path: '/v1/policy',
    heavy: true,
    body: settings.policyTexts,
    answer: settings.policy,
    doc: 'Replaces all policies with the next interval, until a reload or the end of the daemon',
  },
  reload: {
    ...post,
    path: '/v1/reload',
    heavy: true,
    answer: settings.accepted,
    doc: 'Reads the config and the policies again, as SIGHUP does; policies that were set are dropped',
  },
  setNamedPolicy: {
    ...put,
    path: '/v1/policies/{name}',
    heavy: true,
    params: named,
    body: settings.namedPolicy,
    answer: settings.policy,
    doc: 'Replaces the policy of this name, or adds it after the others, until a reload or the end of the daemon',
  },
  removeNamedPolicy: {
    ...remove,
    path: '/v1/policies/{name}',
    heavy: true,
    params: named,
    answer: settings.policy,
    doc: 'Removes the policy of this name, until a reload or the end of the daemon',
  },
  evaluate: {
    ...post,
    path: '/v1/evaluate',
    answer: settings.accepted,
    doc: 'Collects and evaluates now instead of at the next interval; at most once a second',
  },
  reserve: {
    ...put,
    path: '/v1/reservations/{name}',
    params: named,
    body: pauses.reservationRequest,
    answer: pauses.reservations,
    doc: 'Keeps room on the host, from the next interval on; a second reservation of the same name replaces the first',
  },
  unreserve: {
    ...remove,
    path: '/v1/reservations/{name}',
    params: named,
    answer: pauses.reservations,
    doc: 'Gives the room up again',
  },
  setLogLevel: {
    ...put,
    path: '/v1/log',
    body: settings.logLevel,
    answer: settings.logLevel,
    doc: 'Sets the lowest level that is logged, until a reload or the end of the daemon',
  },
  startRecording: {
    ...post,
    path: '/v1/recording',
    heavy: true,
    body: settings.recordingRequest,
    answer: settings.recording,
    doc: 'Records every interval, until it is stopped or the daemon ends',
  },
  stopRecording: {
    ...remove,
    path: '/v1/recording',
    heavy: true,
    answer: settings.recording,
    doc: 'Ends the recording, until it is started again, a reload or the end of the daemon',
  },
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof ROUTES;

type Of<Name extends RouteName, Key extends string> = (typeof ROUTES)[Name] extends {
  readonly [K in Key]: infer Schema extends z.ZodType;
}
  ? z.output<Schema>
  : undefined;

/** What a handler receives, and what it answers. */
export interface RouteInput<Name extends RouteName> {
  readonly params: Of<Name, 'params'>;
  readonly query: Of<Name, 'query'>;
  readonly body: Of<Name, 'body'>;
}
export type RouteAnswer<Name extends RouteName> = Of<Name, 'answer'>;
