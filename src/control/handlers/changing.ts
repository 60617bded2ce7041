import { basename } from 'node:path';
import { MOST_PAUSES } from '../../daemon/pauses.ts';
import type { Pause, Paused } from '../../daemon/pause-file.ts';
import { guestMeant, safeGuestName } from '../../model/guest-name.ts';
import { escapeControls } from '../../model/text.ts';
import type { PolicySource } from '../../policy/index.ts';
import type { PauseRequest } from '../api/pauses.ts';
import type { Accepted } from '../api/settings.ts';
import { ApiError } from '../server/api-error.ts';
import type { Handlers } from '../server/server.ts';
import { timeText } from '../views/plain.ts';
import { guestNamed } from '../views/why.ts';
import { changeParameter, targetOf } from './change-parameter.ts';
import { orRefused } from './or-refused.ts';
import type { ControlParts, Note } from './parts.ts';
import { parametersOf, pausesOf, policyOf, type ReadRoute } from './reading.ts';
import { release } from './release.ts';
import { reserve, unreserve } from './reserve.ts';

/** Time between two evaluations that are asked for, milliseconds. */
const EVALUATE_MS = 1000;

/** What the routes that change something do. Each change is logged, with who asked for it as far as that is known. */
export function changingHandlers(parts: ControlParts): Omit<Handlers, ReadRoute> {
  const { running, commands, daemon } = parts;
  const { pauses, environment } = running;
  const { clock } = environment;
  const log = parts.log('control');
  const note: Note = (client, what) => log.info({ client }, escapeControls(`${what}, asked for by ${client}`));
  let evaluatedMs = -Infinity;

  const setPolicies = async (files: readonly PolicySource[], client: string, what: string) => {
    const names = new Set(files.map(({ file }) => file));
    if (names.size < files.length) throw new ApiError(400, 'two policies have the same name');
    await orRefused(() => commands.setPolicies(files));
    note(client, what);
    return policyOf(parts);
  };

  return {
    pause: async ({ body }, client) => {
      const { until, reason = null } = body;
      const nowMs = clock.now();
      const untilMs = until === undefined ? null : Date.parse(until);
      if (untilMs !== null && untilMs <= nowMs)
        throw new ApiError(400, `until ${until} is over: it is ${timeText(nowMs)} on this host`);
      const pause = { ...pausedIn(body, parts), sinceMs: nowMs, untilMs, by: client, reason };
      if (!(await pauses.add(pause))) throw new ApiError(409, `there are ${MOST_PAUSES} pauses; resume some first`);
      return pausesOf(parts);
    },
    resume: async ({ body }, client) => {
      const paused = pausedIn(body, parts);
      if (!(await pauses.remove(paused, client)))
        throw new ApiError(
          404,
          notPausedText(body, pauses.reason(paused.what === 'guest' ? paused : { guest: null }), pauses.all),
        );
      return pausesOf(parts);
    },
    setParameter: async ({ params: { name }, body: { value, ...target } }, client) => {
      await changeParameter(parts, { name, target: targetOf(target), given: value }, client, note);
      return parametersOf(parts);
    },
    resetParameter: async ({ params: { name }, query }, client) => {
      await changeParameter(parts, { name, target: targetOf(query), given: null }, client, note);
      return parametersOf(parts);
    },
    checkPolicy: ({ body: { files } }) => {
      const { valid, diagnostics, text } = commands.check(files.map(sourceOf));
      return {
        valid,
        text,
        diagnostics: diagnostics.map(({ code, severity, message, position }) => ({
          ...{ code, severity, message },
          ...{ file: position?.file ?? null, line: position?.line ?? null, column: position?.column ?? null },
        })),
      };
    },
    setPolicy: ({ body: { files } }, client) =>
      setPolicies(files.map(sourceOf), client, `Policies set: ${files.map(({ name }) => name).join(', ')}`),
    setNamedPolicy: ({ params: { name }, body: { text } }, client) => {
      const before = commands.policies;
      const file = before.find((source) => hasName(source, name))?.file ?? name;
      const files = before.some((source) => source.file === file)
        ? before.map((source) => (source.file === file ? { file, text } : source))
        : [...before, { file, text }];
      return setPolicies(files, client, `Policy set: ${file}`);
    },
    removeNamedPolicy: ({ params: { name } }, client) => {
      const left = commands.policies.filter((source) => !hasName(source, name));
      if (left.length === commands.policies.length) {
        const names = commands.policies.map(({ file }) => basename(file)).join(', ');
        throw new ApiError(404, `there is no policy ${name}; there are ${names || 'none'}`);
      }
      if (left.length === 0)
        throw new ApiError(409, `${name} is the only policy: set another one, or pause what must not be changed`);
      return setPolicies(left, client, `Policy removed: ${name}`);
    },
    reload: async (_input, client) => {
      note(client, 'Reload');
      await orRefused(() => commands.reload());
      return accepted('the config and the policies were read again, and take effect with the next interval');
    },
    evaluate: (_input, client) => {
      const nowMs = clock.monotonic();
      if (nowMs - evaluatedMs < EVALUATE_MS)
        throw new ApiError(429, 'an evaluation was asked for within the last second', [], { 'retry-after': '1' });
      evaluatedMs = nowMs;
      daemon.evaluateNow();
      note(client, 'Evaluation now');
      return accepted('an interval with an evaluation begins now, or when the running one has ended');
    },
    release: ({ body }, client) => release(body, parts, client, (what) => note(client, what)),
    reserve: ({ params: { name }, body }, client) => reserve(name, body, parts, client, note),
    unreserve: ({ params: { name } }, client) => unreserve(name, parts, client, note),
    setLogLevel: ({ body: { level } }, client) => {
      // Before a level that would hide it.
      note(client, `Log level ${level}`);
      commands.setLogLevel(level);
      return { level };
    },
    startRecording: async ({ body: { path } }, client) => {
      await orRefused(() => commands.record(path));
      note(client, `Recording to ${commands.recording}`);
      return { path: commands.recording };
    },
    stopRecording: async (_input, client) => {
      if (commands.recording === null) throw new ApiError(404, 'nothing is recorded');
      note(client, `Recording to ${commands.recording} ends`);
      await orRefused(() => commands.record(null));
      return { path: commands.recording };
    },
  };
}

/** @param other the pause of a larger part, such as all balloons, that it belongs to; null: none */
function notPausedText(
  { what, guest = '' }: Pick<PauseRequest, 'what' | 'guest'>,
  other: string | null,
  all: readonly Pause[],
): string {
  const subject = what === 'guest' ? `guest ${safeGuestName(guest)}` : what === 'ksm' ? 'KSM' : what;
  if (other !== null && (what === 'guest' || what === 'ksm'))
    return `${subject} is not paused on its own, but ${other}`;
  if (all.length === 0) return `${subject} is not paused; nothing is`;
  const named = all.slice(0, MOST_NAMED).map((pause) => (pause.what === 'guest' ? pause.guest.name : pause.what));
  const more = all.length > MOST_NAMED ? ` and ${all.length - MOST_NAMED} more` : '';
  return `${subject} is not paused; what is: ${named.map(safeGuestName).join(', ')}${more}. "ballast resume NAME" ends one of these pauses`;
}

const MOST_NAMED = 5;

function pausedIn(
  { what, guest: wanted }: Pick<PauseRequest, 'what' | 'guest'>,
  { kept, running }: ControlParts,
): Paused {
  if (what !== 'guest') {
    if (wanted !== undefined) throw new ApiError(400, `guest goes with what = guest, not with ${what}`);
    return { what };
  }
  if (wanted === undefined) throw new ApiError(400, 'guest is missing: the name or UUID of a guest');
  const found = guestNamed(kept, wanted);
  if (!('unknown' in found)) return { what, guest: found };
  // One that was paused may be gone by now.
  const paused = running.pauses.all.flatMap((pause) => (pause.what === 'guest' ? [pause.guest] : []));
  const one = paused.find(guestMeant(wanted, paused));
  if (one !== undefined) return { what, guest: one };
  throw new ApiError(404, found.unknown);
}

function sourceOf({ name, text }: { readonly name: string; readonly text: string }): PolicySource {
  return { file: name, text };
}

function hasName({ file }: PolicySource, name: string): boolean {
  return file === name || basename(file) === name;
}

function accepted(text: string): Accepted {
  return { accepted: true, text };
}
