import { BUILTINS } from '../builtins/builtins.ts';
import type { Define, Expression, Literal, Param } from '../forms/forms.ts';
import { unreachable } from '../forms/parts.ts';
import { mayBeHidden, type Names } from '../forms/names.ts';
import { parametersOf } from '../forms/scopes.ts';
import type { Vocabulary } from '../../model/vocabulary.ts';
import { closedChoices } from './exhaustive.ts';
import { Flow } from './flow.ts';
import { CarryingInference } from './infer-carrying.ts';
import { measureOf, PLAIN } from './measure.ts';
import type { Report } from '../messages/report.ts';
import { aboutGiven, consequences, outcome, type Outcome } from './outcome.ts';
import { ProgramTypes, type Part } from './program-types.ts';
import { Readings } from './readings.ts';
import {
  ANYTHING,
  FUNCTION,
  has,
  join,
  NIL,
  NIL_TYPE,
  numberOf,
  TEXT,
  textOf,
  TRUTH,
  UNKNOWN,
  type Type,
} from './type.ts';

/** The types of a program's expressions. */
export interface TypeTable {
  /** undefined: the expression is unreachable or not part of the program. */
  typeOf(expression: Expression): Type | undefined;
}

/** Infers the types of a whole program and reports mismatches. */
export function inferTypes(
  files: readonly (readonly Expression[])[],
  names: Names,
  vocabulary: Vocabulary,
  report: Report,
): TypeTable {
  const types = new ProgramTypes(names);
  const inference = new Inference(types, names, new Readings(vocabulary), files, report);
  for (let part = types.next(); part !== undefined; part = types.next()) inference.inferPart(part, null);
  return inference.conclude();
}

class Inference extends CarryingInference implements TypeTable {
  readonly #files: readonly (readonly Expression[])[];
  readonly #types = new Map<Expression, Type>();

  constructor(
    program: ProgramTypes,
    names: Names,
    readings: Readings,
    files: readonly (readonly Expression[])[],
    report: Report,
  ) {
    super(program, names, readings, report);
    this.#files = files;
    this.paramDefaults = new Map(
      files
        .flat()
        .flatMap((each) =>
          each.kind === 'param' && each.value.unit === null && typeof each.value.value === 'number'
            ? [[each.name, each.value.value]]
            : [],
        ),
    );
    this.paramTypes = new Map(
      files.flat().flatMap((each) => (each.kind === 'param' ? [[each.name, paramType(each)] as const] : [])),
    );
    this.paramChoices = new Map(
      files
        .flat()
        .flatMap((each) =>
          each.kind === 'param' && each.choices
            ? [[each.name, each.choices.map(({ value }) => String(value))] as const]
            : [],
        ),
    );
    this.closedChoices = closedChoices(files.flat());
    this.topNames = new Set(
      files.flat().flatMap((each) => (each.kind === 'defvar' || each.kind === 'param' ? [each.name] : [])),
    );
  }

  typeOf(expression: Expression): Type | undefined {
    return this.#types.get(expression);
  }

  inferPart(part: Part, next: Part | null): void {
    const [outer, logic, epoch, stored] = [this.part, this.logic, this.epoch, this.stored];
    this.part = part;
    this.logic = null;
    this.depth += 1;
    if (part === 'top level') this.#topLevel();
    else this.#function(part, next);
    this.depth -= 1;
    [this.part, this.logic, this.epoch, this.stored] = [outer, logic, epoch, stored];
  }

  /** The final pass, after the types are stable. */
  conclude(): TypeTable {
    this.concluding = true;
    this.inferPart('top level', null);
    for (const [definition, { reached }] of this.program.functions()) {
      this.lenient = !reached;
      this.inferPart(definition, null);
    }
    return this;
  }

  #topLevel(): void {
    const flow = new Flow(0);
    for (const file of this.#files) {
      this.sequence(file, flow);
      flow.forgetFacts();
    }
  }

  #function(definition: Define, next: Part | null): void {
    const known = this.program.of(definition);
    const flow = new Flow(++this.scopes);
    parametersOf(definition).forEach((name, index) => {
      // The first of duplicate names wins.
      if (flow.binding(name)) return;
      const given = known.parameters[index] as Type;
      this.bind(name, outcome(this.seen(given)), flow);
      this.program.addValue(name, definition, given);
    });
    for (const [name, readings] of known.nonNil ?? []) {
      if (flow.binding(name)) continue;
      for (const reading of readings) flow.learn({ place: { root: this.root(name, flow), reading }, kinds: ~NIL });
    }
    const given = this.givenTo(definition, flow);
    const body = this.infer(definition.body, flow);
    this.program.setResult(definition, body.type, aboutGiven(consequences(body), given), next);
  }

  protected infer(expression: Expression, flow: Flow): Outcome {
    this.program.count();
    const found = this.#hidden(expression) ? this.#hiddenForm(expression, flow) : this.#visible(expression, flow);
    if (this.concluding) this.#types.set(expression, found.type);
    return found;
  }

  /** Whether a variable may hide the builtin: one of MOM's with any value, an extension only with a callable one. */
  #hidden(expression: Expression): boolean {
    if (!('head' in expression) || expression.head === null || !mayBeHidden(expression.head, this.names)) return false;
    if (BUILTINS.get(expression.head)?.since === 'mom') return true;
    return has(this.program.global(expression.head, this.part), FUNCTION | UNKNOWN);
  }

  #hiddenForm(expression: Expression, flow: Flow): Outcome {
    this.withoutReports(() => this.#visible(expression, flow.branch()));
    this.changed();
    return outcome(ANYTHING);
  }

  #visible(expression: Expression, flow: Flow): Outcome {
    switch (expression.kind) {
      case 'literal':
        return literal(expression);
      case 'variable':
        return this.variable(expression, flow);
      case 'attribute':
        return this.attribute(expression, flow);
      case 'if':
        return this.ifForm(expression, flow);
      case 'cond':
        return this.condForm(expression, flow);
      case 'logic':
        return this.logicForm(expression, flow);
      case 'block':
        return this.sequence(expression.body, flow);
      case 'let':
        return this.letForm(expression, flow);
      case 'with':
        return this.loopForm(
          expression,
          'map',
          expression.list,
          { variable: expression.variable, body: expression.body },
          flow,
        );
      case 'loop': {
        const { operation, list, each, carried } = expression;
        if (operation === 'fold' || operation === 'hand-out')
          return each && carried ? this.carryingForm(expression, each, carried, flow) : outcome(ANYTHING);
        return this.loopForm(expression, operation, list, each, flow);
      }
      case 'grant':
        return this.grantForm(expression, flow);
      case 'define':
        return outcome(textOf(expression.name));
      case 'defvar':
        return this.defvar(expression, expression.name, this.infer(expression.value, flow), flow);
      case 'param':
        return this.defvar(expression, expression.name, outcome(paramType(expression)), flow);
      case 'assign':
        return this.assign(expression.name, expression, this.infer(expression.value, flow), flow);
      case 'because':
        this.operands('because', [expression.reason], flow).one(0, TEXT, 'a text that says why');
        return this.sequence(expression.body, flow);
      case 'held': {
        this.operands('held-for', [expression.key], flow).one(0, TEXT, 'a name in quotes first');
        const holds = this.infer(expression.condition, flow);
        this.duration('held-for', expression.duration, flow);
        // True only if its condition is.
        return outcome(TRUTH, { when: { whenTrue: consequences(holds)?.whenTrue ?? [], whenFalse: [] } });
      }
      case 'pace': {
        this.duration(expression.mode, expression.duration, flow);
        const inner = flow.branch();
        const { type } = this.sequence(expression.body, inner);
        this.mergeEither(flow, inner, flow.branch());
        return outcome(join(NIL_TYPE, type));
      }
      case 'apply':
        return this.apply(expression, flow);
      case 'call':
        return this.call(expression, flow);
      case 'method':
        return this.method(expression, flow);
      case 'malformed':
        return outcome(ANYTHING);
      default:
        return unreachable(expression);
    }
  }
}

function paramType({ value }: Param): Type {
  return { ...literal(value).type, constant: null };
}

function literal({ value, base }: Literal): Outcome {
  const truth = value !== null && value !== 0 && value !== '';
  if (value === null) return outcome(NIL_TYPE, { truth });
  if (typeof value === 'string') return outcome(textOf(value), { truth });
  return outcome(numberOf(base === null ? PLAIN : measureOf(base), value), { truth });
}
