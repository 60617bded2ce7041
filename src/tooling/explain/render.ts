import type { SourcePosition } from '../../model/control.ts';
import { escapeControls } from '../../model/text.ts';
import type { RequestedControl, Explanation } from './explain.ts';
import { inUnit } from './show.ts';
import type { Line } from './story.ts';
import type { NotReached } from './why-not.ts';

/**
 * Renders an explanation for a terminal: facts, the path to each request, and why other controls were not requested.
 * @param isRecorded whether it is of a recording, with which the requests can be compared
 */
export function renderExplanation(explanation: Explanation, isRecorded = true): string {
  const { asked, errors, notReached, asRecorded } = explanation;
  const sections = [
    ...(asked.length === 0 ? [['no control was requested']] : asked.map(renderRequested)),
    ...errors.map(renderError),
    ...alike(notReached).map((each) =>
      renderNotReached(
        each,
        asked.some(({ control }) => control === each[0]?.control),
      ),
    ),
    ...(isRecorded ? [[recordedText(asRecorded)]] : []),
  ];
  // Line by line: names of guests are in reasons and messages, and must not begin a line of their own.
  return `${sections.map((lines) => lines.map((line) => escapeControls(line)).join('\n')).join('\n\n')}\n`;
}

function renderRequested({ control, shown, unit, action, held, reason, path }: RequestedControl): readonly string[] {
  const facts = [
    `${control} ${shown}: ${action ? inUnit(action.message, unit) : held ? `${held.kind === 'held' ? 'held back' : 'nothing to do'}: ${inUnit(held.why, unit)}` : 'no controller applied it'}`,
    ...(action?.notes ?? []).map((note) => `  note: ${inUnit(note, unit)}`),
    ...(reason === null ? [] : [`  reason: ${reason}`]),
    'how the policy got there:',
  ];
  return [...facts, ...renderLines(path)];
}

function renderError({ error, path }: Explanation['errors'][number]): readonly string[] {
  const { position, message, guest } = error;
  const effect =
    guest === null ? 'no request of this file takes effect' : 'no request of this file for this guest takes effect';
  return [`error${position ? ` at ${place(position)}` : ''}: ${message}; ${effect}`, ...renderLines(path)];
}

/** Calls for one control that were not reached for the same reasons, by figures and words. */
function alike(all: readonly NotReached[]): readonly (readonly [NotReached, ...NotReached[]])[] {
  const groups = new Map<string, [NotReached, ...NotReached[]]>();
  for (const each of all) {
    const key = JSON.stringify([each.control, each.ways.map((lines) => lines.map(({ kind, text }) => [kind, text]))]);
    const group = groups.get(key);
    if (group) group.push(each);
    else groups.set(key, [each]);
  }
  return [...groups.values()];
}

/** @param asked whether the control was requested elsewhere */
function renderNotReached(calls: readonly [NotReached, ...NotReached[]], asked: boolean): readonly string[] {
  const [{ control, ways }] = calls;
  const places = [...new Set(calls.map(({ position }) => place(position)))];
  const what = `why not ${control} ${asked ? 'also ' : ''}at ${places.join(', ')}:`;
  if (ways.length === 0) return [what, '  no code path leads there'];
  return [
    what,
    ...ways.flatMap((lines, at) => (at === 0 ? renderLines(lines) : ['  or, by another path:', ...renderLines(lines)])),
  ];
}

function recordedText(recorded: Explanation['asRecorded']): string {
  if (recorded === null) return 'the recording has no policy evaluation at that moment';
  if (recorded.same) return 'matches the recording: the policy requested the same then';
  const requests = recorded.requests.map(({ control, shown }) => `${control} ${shown}`).join(', ');
  return `differs from the recording: the policy requested then ${requests === '' ? 'nothing' : requests}`;
}

/** Aligns the positions in a column. */
function renderLines(lines: readonly Line[]): readonly string[] {
  const places = lines.map(({ position }) => place(position));
  const width = Math.max(0, ...places.map(({ length }) => length));
  return lines.map(
    ({ kind, text }, at) => `  ${(places[at] as string).padEnd(width)}  ${kind === 'failed' ? 'but ' : ''}${text}`,
  );
}

/** Without the directory, which is usually the same for all files. */
function place({ file, line }: SourcePosition): string {
  return `${file.slice(file.lastIndexOf('/') + 1)}:${line}`;
}
