import { PREDEFINED } from '../builtins/function-values.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { Fault } from '../messages/fault.ts';
import type { Attribute, Expression, Variable } from '../forms/forms.ts';
import type { Names } from '../forms/names.ts';
import type { Span } from '../text/source.ts';
import { NODE_ATTRIBUTES } from '../builtins/numa-nodes.ts';
import { ownerOfPlain, PLAIN_ATTRIBUTES } from '../values/plain-attributes.ts';
import type { Flow } from './flow.ts';
import { type BoundValue, type Place } from './flow.ts';
import { operandText } from './operand-words.ts';
import type { Report } from '../messages/report.ts';
import { outcome, reading, type Outcome } from './outcome.ts';
import type { ProgramTypes, Part } from './program-types.ts';
import type { Readings } from './readings.ts';
import {
  ANYTHING,
  describeType,
  ENTITY,
  has,
  isNode,
  join,
  mayBeNil,
  NEVER,
  NIL,
  NUMERIC,
  OPEN,
  TEXT,
  type Type,
  UNKNOWN,
  withKinds,
  withNonNil,
  without,
} from './type.ts';

/** The state of inference: the meaning of names at the current position, the known facts, and whether to report. */
export abstract class InferenceState {
  protected readonly program: ProgramTypes;
  protected readonly names: Names;
  protected readonly readings: Readings;
  readonly #report: Report;
  /** Whether types are stable, so that mismatches are reported. */
  protected concluding = false;
  /** Nesting depth of unreachable code, for which nothing is reported. */
  protected dead = 0;
  /** Whether a definite error may be in code that never runs. */
  protected lenient = false;
  protected part: Part = 'top level';
  /** The plain numbers that parameters are by default. */
  protected paramDefaults: ReadonlyMap<string, number> = new Map();
  /** The types of the declared parameters. */
  protected paramTypes: ReadonlyMap<string, Type> = new Map();
  /** The texts that parameters can have. */
  protected paramChoices: ReadonlyMap<string, readonly string[]> = new Map();
  /** The same, where nothing else has the name. */
  protected closedChoices: ReadonlyMap<string, readonly string[]> = new Map();
  /** The variables that top-level expressions define. */
  protected topNames: ReadonlySet<string> = new Set();
  protected scopes = 0;
  #versions = 0;
  /** Expressions of which only the truth counts. */
  protected readonly conditions = new Set<Expression>();
  /** Counts operations that may have changed variables. */
  protected epoch = 0;
  /** Counts operations that may have stored or requested something. */
  protected stored = 0;

  constructor(program: ProgramTypes, names: Names, readings: Readings, report: Report) {
    this.program = program;
    this.names = names;
    this.readings = readings;
    this.#report = report;
  }

  // Names

  /** In the final pass, a type that no value has reached is unknown. */
  protected seen(type: Type): Type {
    return type.kinds === 0 && this.concluding ? ANYTHING : type;
  }

  protected variable({ name, span }: Variable, flow: Flow): Outcome {
    const binding = this.#bindingOf(name, flow);
    // A use before the definition has a message of its own.
    if (!this.topNames.has(name)) this.mustBeBound(name, flow, span, () => catalogue.onlyInside(name));
    const place: Place = { root: this.root(name, flow), reading: '' };
    const type = this.seen(binding?.type ?? this.#global(name));
    const narrowed = withNonNil(without(type, ~flow.kindsAt(place)), flow.nonNilOf(place.root));
    return reading(narrowed, binding ? [place, ...binding.from] : [place], binding?.when ?? null, false);
  }

  /** The type of the value that a name refers to here. */
  protected valueOf(name: string, flow: Flow): Type {
    return this.seen(this.#bindingOf(name, flow)?.type ?? this.#global(name));
  }

  /** The default of a parameter that is a plain number; null: anything else. */
  protected paramDefault(name: string): number | null {
    return this.paramDefaults.get(name) ?? null;
  }

  #global(name: string): Type {
    if (!this.names.bound.has(name) && !PREDEFINED.has(name)) return ANYTHING;
    return this.program.global(name, this.part);
  }

  /** The variable that a name refers to here; undefined if it is bound elsewhere or may have changed. */
  #bindingOf(name: string, flow: Flow): BoundValue | undefined {
    const binding = flow.binding(name);
    return binding && this.names.changed.has(name) && binding.epoch !== this.epoch ? undefined : binding;
  }

  protected root(name: string, flow: Flow): string {
    const binding = this.#bindingOf(name, flow);
    // A copy of a variable is the same value: what is known of one is known of the other.
    if (binding) return binding.from.find(({ reading }) => reading === '')?.root ?? `${name}@${binding.version}`;
    return this.names.changed.has(name) ? `${name}@e${this.epoch}` : `${name}@`;
  }

  protected bind(name: string, value: Outcome, flow: Flow, scope = flow.scope): void {
    const { type, when, places } = value;
    flow.bind(name, { type, version: String(++this.#versions), scope, epoch: this.epoch, when, from: places });
  }

  protected defvar(site: object, name: string, value: Outcome, flow: Flow): Outcome {
    // These exist in the outermost scope from the start.
    if (flow.scope === 0 && PREDEFINED.has(name)) return outcome(this.#global(name));
    const known = flow.binding(name);
    this.program.addValue(name, site, value.type);
    if (known?.scope === flow.scope) return outcome(known.type);
    this.bind(name, value, flow);
    return outcome(value.type);
  }

  protected assign(name: string, site: object, value: Outcome, flow: Flow): Outcome {
    const known = flow.binding(name);
    this.program.addValue(name, site, value.type);
    if (known) this.bind(name, value, flow, known.scope);
    else this.epoch += 1;
    return outcome(value.type);
  }

  protected attribute({ root, attribute, span }: Attribute, flow: Flow): Outcome {
    const entity = this.entity(root, flow);
    this.mustBeBound(root, flow, span);
    if (mayBeNil(entity) && entity.kinds !== NIL)
      this.report('warning', span, () => catalogue.nilEntity(root, attribute));
    if (!PLAIN_ATTRIBUTES.has(attribute) && !(isNode(entity) && NODE_ATTRIBUTES.has(attribute)))
      this.mustBeEntity(`.${attribute}`, entity, span);
    return this.readingOf(root, attribute, this.readings.attribute(entity, attribute), entity, flow);
  }

  protected entity(root: string, flow: Flow): Type {
    const binding = this.#bindingOf(root, flow);
    const place: Place = { root: this.root(root, flow), reading: '' };
    const type = without(this.seen(binding?.type ?? this.#global(root)), ~flow.kindsAt(place));
    return type;
  }

  /** Outside of functions a name must be bound around it: loop variables end with their loop. */
  protected mustBeBound(
    root: string,
    flow: Flow,
    span: Span,
    make = (): Fault => catalogue.unknownEntity(root, null),
  ): void {
    const isBound = flow.binding(root) !== undefined || PREDEFINED.has(root) || !this.names.bound.has(root);
    if (!isBound && this.part === 'top level') this.report('warning', span, make);
  }

  /** Only a warning: if the value lacks the attribute, an outer variable of the name may have it. */
  protected mustBeEntity(what: string, { kinds }: Type, span: Span): void {
    const isOther = (kinds & ~(ENTITY | NIL)) !== 0 && (kinds & (UNKNOWN | OPEN)) === 0;
    if (isOther)
      this.report('warning', span, () =>
        catalogue.mixedType(what, 'the host or a guest', describeType(withKinds(ANYTHING, kinds))),
      );
  }

  /** A call of an attribute that texts, numbers or samples have. */
  protected mustHave(attribute: string, { kinds }: Type, name: string, span: Span): void {
    const owner = ownerOfPlain(attribute);
    if (owner === null || owner === 'row' || kinds === 0 || (kinds & (UNKNOWN | OPEN)) !== 0) return;
    if ((kinds & (owner === 'text' ? TEXT : NUMERIC)) === 0)
      this.report('warning', span, () =>
        catalogue.mixedType(name, `a ${owner}`, describeType(withKinds(ANYTHING, kinds))),
      );
  }

  protected readingOf(root: string, name: string, declared: Type, entity: Type, flow: Flow): Outcome {
    const place: Place = { root: this.root(root, flow), reading: name };
    const nonNil = entity.nonNil.has(name) ? without(declared, NIL) : declared;
    return reading(
      without(nonNil, ~flow.kindsAt(place)),
      [place],
      null,
      declared.kinds !== 0 && !has(declared, NIL | UNKNOWN),
    );
  }

  /** Invalidates variables that are ever changed, and stored values, after code with unknown effects. */
  protected changed(): void {
    this.epoch += 1;
    this.stored += 1;
  }

  // Branches

  /** Infers code that runs or is unreachable; unreachable code reports nothing. */
  protected branch<T>(runs: boolean, infer: () => T): T {
    return runs ? infer() : this.withoutReports(infer);
  }

  protected withoutReports<T>(infer: () => T): T {
    this.dead += 1;
    const result = infer();
    this.dead -= 1;
    return result;
  }

  protected mergeEither(flow: Flow, a: Flow, b: Flow): void {
    flow.absorbEither(a, b, (name, one, other) => this.#merged(name, one, other, flow.scope));
  }

  /** Merges several possible branches. */
  protected uncertain(flow: Flow, ends: readonly Flow[]): void {
    const [first, ...others] = ends as [Flow, ...Flow[]];
    let merged = first;
    for (const other of others) {
      const both = flow.branch();
      both.absorbEither(merged, other, (name, one, two) => this.#merged(name, one, two, flow.scope));
      merged = both;
    }
    flow.absorb(merged);
  }

  #merged(name: string, a: BoundValue | undefined, b: BoundValue | undefined, scope: number): BoundValue {
    if (a && a === b) return a;
    const type = a && b ? join(a.type, b.type) : join((a ?? b)?.type ?? NEVER, this.#global(name));
    return {
      type,
      version: String(++this.#versions),
      scope: (a ?? b)?.scope ?? scope,
      epoch: this.epoch,
      when: null,
      from: [],
    };
  }

  // Reports

  protected reporter(): Report {
    return (severity, span, make) => this.report(severity, span, make);
  }

  protected report(severity: 'error' | 'warning', span: Span, make: () => Fault): void {
    if (this.concluding && this.dead === 0) this.#report(this.lenient ? 'warning' : severity, span, make);
  }

  protected constant(
    { truth, reported }: Outcome,
    condition: Expression,
    dead: (always: boolean) => string | null,
  ): void {
    if (truth !== null && !reported)
      this.report('warning', condition.span, () =>
        catalogue.constantCondition(truth, whyConstant(condition), dead(truth)),
      );
  }
}

function whyConstant(condition: Expression): string | null {
  if (condition.kind !== 'apply' || (condition.builtin.name !== 'valid' && condition.builtin.name !== 'null'))
    return null;
  const [first] = condition.args;
  return first && first.kind !== 'literal' ? `${operandText(first.span)} is never nil` : null;
}
