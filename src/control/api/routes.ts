import { z } from 'zod';
import { givenName } from './common.ts';
import * as guests from './guests.ts';
import { PATHS, type RouteName } from './paths.ts';
import * as pauses from './pauses.ts';
import * as releases from './releases.ts';
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
const read = { socket: 'read' } as const;
const change = { socket: 'change' } as const;

export const ROUTES = {
  version: { ...read, ...PATHS.version, answer: status.version, doc: 'The version of the daemon' },
  status: {
    ...read,
    ...PATHS.status,
    answer: status.status,
    doc: 'The daemon, the memory of the host, overcommitment, KSM, what is paused and what is wrong',
  },
  guests: {
    ...read,
    ...PATHS.guests,
    answer: guests.guests,
    doc: 'All guests: size, target, floor, what was wanted, what is held back and why',
  },
  statistics: {
    ...read,
    ...PATHS.statistics,
    heavy: true,
    answer: guests.statistics,
    doc: 'The statistics of the last interval, by the names that policies use',
  },
  decisions: {
    ...read,
    ...PATHS.decisions,
    heavy: true,
    query: guests.historyQuery,
    answer: guests.decisions,
    doc: 'The writes of the last hour, who asked for them, and what became of them',
  },
  holds: {
    ...read,
    ...PATHS.holds,
    heavy: true,
    query: guests.holdsQuery,
    answer: guests.holds,
    doc: 'What was held back in the last hour: by which guard, why, and how often',
  },
  why: {
    ...read,
    ...PATHS.why,
    heavy: true,
    query: guests.whyQuery,
    answer: guests.why,
    doc: 'Why a guest, or the host, was changed or left alone',
  },
  parameters: {
    ...read,
    ...PATHS.parameters,
    answer: settings.parameters,
    doc: 'The parameters that the policies declare, and their values',
  },
  policy: { ...read, ...PATHS.policy, answer: settings.policy, doc: 'The policies in effect, with their text' },
  pauses: {
    ...read,
    ...PATHS.pauses,
    answer: pauses.pauses,
    doc: 'What is paused, since when, until when and by whom',
  },
  reservations: {
    ...read,
    ...PATHS.reservations,
    answer: pauses.reservations,
    doc: 'Room on the host that is kept for guests that are about to start or to arrive',
  },
  config: {
    ...read,
    ...PATHS.config,
    heavy: true,
    answer: settings.config,
    doc: 'The config in effect, without passwords and tokens',
  },
  recording: { ...read, ...PATHS.recording, answer: settings.recording, doc: 'The file that is recorded to' },
  logLevel: { ...read, ...PATHS.logLevel, answer: settings.logLevel, doc: 'The lowest level that is logged' },

  pause: {
    ...change,
    ...PATHS.pause,
    body: pauses.pauseRequest,
    answer: pauses.pauses,
    doc: 'Stops all writes to KSM, to the balloons or to the balloon of one guest. Kept over a restart',
  },
  resume: { ...change, ...PATHS.resume, body: pauses.resumeRequest, answer: pauses.pauses, doc: 'Ends a pause' },
  setParameter: {
    ...change,
    ...PATHS.setParameter,
    params: named,
    body: settings.parameterRequest,
    answer: settings.parameters,
    doc: 'Sets a parameter with the next evaluation. Kept over a restart',
  },
  resetParameter: {
    ...change,
    ...PATHS.resetParameter,
    params: named,
    query: settings.parameterTarget,
    answer: settings.parameters,
    doc: 'Removes a value that was set',
  },
  checkPolicy: {
    ...change,
    ...PATHS.checkPolicy,
    heavy: true,
    body: settings.policyTexts,
    answer: settings.checked,
    doc: 'Checks policies as the daemon would load them; nothing changes',
  },
  setPolicy: {
    ...change,
    ...PATHS.setPolicy,
    heavy: true,
    body: settings.policyTexts,
    answer: settings.policy,
    doc: 'Replaces all policies with the next interval, until a reload or the end of the daemon',
  },
  reload: {
    ...change,
    ...PATHS.reload,
    heavy: true,
    answer: settings.accepted,
    doc: 'Reads the config and the policies again, as SIGHUP does; policies that were set are dropped',
  },
  setNamedPolicy: {
    ...change,
    ...PATHS.setNamedPolicy,
    heavy: true,
    params: named,
    body: settings.namedPolicy,
    answer: settings.policy,
    doc: 'Replaces the policy of this name, or adds it after the others, until a reload or the end of the daemon',
  },
  removeNamedPolicy: {
    ...change,
    ...PATHS.removeNamedPolicy,
    heavy: true,
    params: named,
    answer: settings.policy,
    doc: 'Removes the policy of this name, until a reload or the end of the daemon',
  },
  evaluate: {
    ...change,
    ...PATHS.evaluate,
    answer: settings.accepted,
    doc: 'Collects and evaluates now instead of at the next interval; at most once a second',
  },
  release: {
    ...change,
    ...PATHS.release,
    body: releases.releaseRequest,
    answer: releases.release,
    doc: 'Gives guests back what their balloons took, once and as far as the guards allow; the policies go on',
  },
  reserve: {
    ...change,
    ...PATHS.reserve,
    params: named,
    body: pauses.reservationRequest,
    answer: pauses.reservations,
    doc: 'Keeps room on the host, from the next interval on; a second reservation of the same name replaces the first',
  },
  unreserve: {
    ...change,
    ...PATHS.unreserve,
    params: named,
    answer: pauses.reservations,
    doc: 'Gives the room up again',
  },
  setLogLevel: {
    ...change,
    ...PATHS.setLogLevel,
    body: settings.logLevel,
    answer: settings.logLevel,
    doc: 'Sets the lowest level that is logged, until a reload or the end of the daemon',
  },
  startRecording: {
    ...change,
    ...PATHS.startRecording,
    heavy: true,
    body: settings.recordingRequest,
    answer: settings.recording,
    doc: 'Records every interval, until it is stopped or the daemon ends',
  },
  stopRecording: {
    ...change,
    ...PATHS.stopRecording,
    heavy: true,
    answer: settings.recording,
    doc: 'Ends the recording, until it is started again, a reload or the end of the daemon',
  },
} as const satisfies Record<RouteName, Route>;

export type { RouteName };

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
