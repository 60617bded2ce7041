import { form, extension } from './declare.ts';

/** Variables, functions, parameters. */
export const DEFINITIONS = [
  form('let', {
    name: 'let',
    takes: [2, Infinity],
    signature: '(let ((NAME VALUE) …) BODY …)',
    types: 'bindings, any … → the last',
    doc: 'Evaluates the bodies in a new scope. Later bindings see earlier ones; the first binding of a name takes precedence.',
    examples: [{ policy: '(let ((half (/ Host.mem_available 2)) (quarter (/ half 2))) quarter)', value: '4194304' }],
  }),
  form('defvar', {
    name: 'defvar',
    takes: 2,
    signature: '(defvar NAME VALUE)',
    types: 'name, any → the current value',
    doc: 'Creates a variable in the innermost scope, unless it exists there already. Returns the value in effect.',
    effect: true,
    examples: [{ policy: '(defvar x 1)\n(defvar x 2) # ballast: allow no-effect', value: '1' }],
  }),
  form('assign', {
    name: 'set',
    takes: 2,
    signature: '(set NAME VALUE)',
    types: 'name, any → the value',
    doc: 'Changes a variable in the innermost scope that defines it. An error if none does.',
    effect: true,
    examples: [{ policy: '(defvar x 1)\n(set x 2)\nx', value: '2' }],
  }),
  form('assign', {
    name: 'setq',
    takes: 2,
    signature: '(setq NAME VALUE)',
    types: 'name, any → the value',
    doc: 'The same as set.',
    effect: true,
    examples: [{ policy: '(defvar x 1)\n(setq x 2)\nx', value: '2' }],
  }),
  form('define', {
    name: 'def',
    takes: [3, Infinity],
    signature: '(def NAME (PARAMETER …) BODY …)',
    types: 'name, parameters, any … → the name, as a text',
    doc: 'Defines a global function, which returns the value of its last body. Returns its name.',
    effect: true,
    examples: [
      {
        policy: '(def used (vm) (- vm.balloon_cur vm.mem_unused))\n(map Guests vm (used vm))',
        value: '[1048576 3932160 2621440]',
      },
    ],
  }),
  form('define', {
    name: 'defun',
    takes: [3, Infinity],
    signature: '(defun NAME (PARAMETER …) BODY …)',
    types: 'name, parameters, any … → the name, as a text',
    doc: 'The same as def.',
    effect: true,
    examples: [{ policy: '(defun twice (x) (* 2 x))\n(twice 21)', value: '42' }],
  }),
  extension(
    form('param', {
      name: 'param',
      takes: [2, 7],
      signature: '(param NAME DEFAULT "doc" :min A :max B) (param NAME DEFAULT "doc" :one-of (A …))',
      types: 'name, number or text as written, text, bounds or texts → the current value',
      doc: 'Creates a variable like defvar; the operator can override its value, also for single guests. A number can have bounds; a text can be limited to some texts.',
      effect: true,
      examples: [
        {
          policy:
            '(param reserve 10% "Share of the host that stays free" :min 1% :max 50%)\n(* reserve Host.mem_available)',
          value: '1677721.6',
        },
        {
          policy:
            '(param mode "soft" "How much is taken at once" :one-of ("soft" "hard"))\n(case mode ("soft" 2%) ("hard" 10%))',
          value: '0.02',
        },
      ],
    }),
  ),
];
