import { EMPTY_MEMORY } from '../../model/memory.ts';
import type { PolicyInput } from '../../model/snapshot.ts';
import type { Vocabulary } from '../../model/vocabulary.ts';
import { checkParameters, parseParameters } from '../../parameters/file.ts';
import {
  bindOverrides,
  evaluate,
  loadPolicy,
  renderDiagnostics,
  type Diagnostic,
  type Program,
} from '../../policy/index.ts';
import type { FaultCode } from '../../policy/messages/catalogue.ts';
import type { CodeExample } from '../../policy/messages/pages/page.ts';
import { EXAMPLE_INPUT } from './world.ts';

/** What an example prints. */
export interface Shown {
  /** Where the messages come from. */
  readonly from: 'check' | 'parameters' | 'evaluation';
  readonly severity: 'error' | 'warning';
  /** Of the first message with the code that was asked for, in the policy; 1 if it has no place there. */
  readonly line: number;
  /** One code for each message. */
  readonly codes: readonly FaultCode[];
  /** The messages with the code that was asked for, as Ballast prints them. */
  readonly text: string;
}

const POLICY_FILE = 'example.policy';
const PARAMETERS_FILE = 'parameters.yaml';
/** Each guest of the example gives the same message. */
const MAX_SHOWN = 1;
const HOUR_MS = 3_600_000;

/** Loads and evaluates an example on the host of the reference, until something gives a message; null: nothing does. */
export function shownBy(example: CodeExample, code: FaultCode, vocabulary: Vocabulary): Shown | null {
  const source = { file: POLICY_FILE, text: example.text, ...(example.damage && { damage: { kind: example.damage } }) };
  const render = (from: Shown['from'], diagnostics: readonly Diagnostic[]): Shown => ({
    from,
    line: diagnostics.find((each) => each.code === code)?.position?.line ?? 1,
    severity: diagnostics.some(({ severity }) => severity === 'error') ? 'error' : 'warning',
    codes: diagnostics.map((each) => each.code),
    text: renderDiagnostics(diagnostics.filter((each) => each.code === code).slice(0, MAX_SHOWN), [source]),
  });
  const { program, diagnostics } = loadPolicy([source], { vocabulary });
  if (program === null) return render('check', diagnostics);
  const aboutParameters = example.parameters === undefined ? null : parametersShown(example.parameters, program);
  if (aboutParameters) return aboutParameters;
  if (diagnostics.length > 0) return render('check', diagnostics);
  const evaluated = evaluate(program, inputOf(example), EMPTY_MEMORY, { clock: clockOf(example) });
  return evaluated.diagnostics.length > 0 ? render('evaluation', evaluated.diagnostics) : null;
}

function parametersShown(text: string, declared: Program): Shown | null {
  const parsed = parseParameters(PARAMETERS_FILE, text);
  if ('errors' in parsed) throw new Error(`the parameters of an example cannot be read: ${text}`);
  const { wrong, suspicious } = bindOverrides(declared, parsed.overrides);
  const faults = wrong.length > 0 ? wrong : suspicious;
  if (faults.length === 0) return null;
  const checked = checkParameters(PARAMETERS_FILE, '', text, { declared, otherPolicies: false });
  const lines = 'problems' in checked ? checked.problems : checked.warnings.map((line) => `warning: ${line}`);
  return {
    from: 'parameters',
    line: 1,
    severity: wrong.length > 0 ? 'error' : 'warning',
    codes: faults.map(({ fault }) => fault.code),
    text: `${lines.join('\n')}\n`,
  };
}

function inputOf({ withoutSamples }: CodeExample): PolicyInput {
  if (withoutSamples !== true) return EXAMPLE_INPUT;
  return { ...EXAMPLE_INPUT, guests: EXAMPLE_INPUT.guests.map((guest) => ({ ...guest, samples: [], times: [] })) };
}

function clockOf({ onSlowHost }: CodeExample): () => number {
  let now = 0;
  return () => (now += onSlowHost === true ? HOUR_MS : 0);
}
