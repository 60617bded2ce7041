import fc, { type Arbitrary } from 'fast-check';

// Programs that do as much as the language allows in few expressions: operations on operands of the maximum size, in loops over
// long lists, in several files. Nearly all of them reach a limit.

/** Variables of every kind and size. Their names are what the expressions below are made of. */
const OPERANDS = `
(defvar l1 (* (list 1) 100000))
(defvar l2 (* (list 1 "a" nil 2.5) 300))
(defvar s1 (* "x" 65530))
(defvar s2 (+ (* "x" 65520) "y"))
(defvar s3 (* "é😀" 16000))
(defvar s4 "web-17 db")
(defvar ls (* (list s1 s2 s1) 1000))
(defvar ll (map (* (list 1) 50) i (* (list i 2) 200)))
(defvar big (<< 3 4000))
(defvar i s4)
(def deep (n x) (if (> n 0) (+ (deep (- n 1) x) 1) (let ((s1 x)) (count s1))))
(def wide (n a b c d e f g h) (if (> n 0) (wide (- n 1) b c d e f g h a) a.upper))
`;

const one = (...parts: readonly string[]): Arbitrary<string> => fc.constantFrom(...parts);

const { expression } = fc.letrec<{ list: string; text: string; number: string; action: string; expression: string }>(
  (tie) => {
    const form = (...parts: readonly (string | Arbitrary<string>)[]): Arbitrary<string> =>
      fc
        .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
        .map((all) => `(${all.join(' ')})`);
    const [list, text, number, action] = [tie('list'), tie('text'), tie('number'), tie('action')];
    const any = fc.oneof(list, text, number, one('i', 'nil', 'big', 'll', 'ls'));
    // `with` takes only the name of a list.
    const named = one('l1', 'l2', 'ls', 'Guests', 's1', 's3');
    const small = { maxDepth: 4, depthSize: 'small', depthIdentifier: 'costly' } as const;
    return {
      list: fc.oneof(
        small,
        one('l1', 'l2', 'ls', 'll', 'Guests', 's1', 's3'),
        form('+', list, list),
        form('*', list, one('2', '50', '3000')),
        form(one('map', 'filter'), list, 'i', any),
        form('sort', list),
        form('sort', list, 'i', any),
        form('list', any, any),
      ),
      text: fc.oneof(
        small,
        one('s1', 's2', 's3', 's4', 'i'),
        form('+', text, one('"a"', 's4')),
        form('*', one('"ab"', '"é"', 's4'), one('10', '7000')),
        form('concat', text, any),
        form('format', '"{} and {}"', any, any),
        one('(s1.upper)', '(s3.upper)', '(i.upper)'),
      ),
      number: fc.oneof(
        small,
        one('1', '65000', 'big', '(big.bit_length)', 'i'),
        form(one('+', '*', '/', '-', 'min', 'max', 'mod'), number, one('big', '3')),
        form(one('count', 'sum', 'avg', 'min-of', 'max-of', 'first', 'any', 'all'), list),
        form(one('count', 'max-of', 'any'), list, 'i', any),
        form(one('==', '<', '>='), any, any),
        form('starts-with', text, text),
        form('matches', text, one('"(x|y)*z"', '"é.{200}x"', '"(?i)[a-w]{40}$"', '"^web-[0-9]+"', '"x{1000}y{900}z"')),
        form('deep', one('5', '200', '900'), any),
        form('wide', one('5', '300'), any, any, any, any, 's1', 's1', 's1', 's1'),
        form('tagged', 'Host', text),
      ),
      action: fc.oneof(
        small,
        form('debug', any, any),
        form('Host.SetVar', fc.oneof(one('"a"', '"b"', 'i'), text), any),
        form('Host.Control', fc.oneof(one('"a"', '"b"'), text), any),
        form('Host.Control', '"a"', any, text),
        form('Host._set_property', text, text),
        form('Host.Prop', text),
        form('Host.GetControl', text),
        form('because', text, action),
        form('held-for', text, number, '30s'),
        form(
          'with',
          'Guests',
          'g',
          fc.oneof(form('g.SetVar', text, any), form('g.Control', text, any), form('g.Stat', text)),
        ),
        form('with', named, 'i', action),
        form('with', named, 'i', form('with', 'Guests', 'g', form('+', 'i', '(g.Prop "name")'))),
        form('map', list, 'i', 'Host.StatAvg'),
      ),
      expression: fc.oneof(list, number, action, action, form('defvar', 'kept', list)),
    };
  },
);

const file = fc.array(expression, { minLength: 1, maxLength: 4 });

/** The files of a program. The operands are in the first one. */
export const costly: Arbitrary<readonly string[]> = fc
  .array(file, { minLength: 1, maxLength: 3 })
  .map((files) => [OPERANDS, ...files.map((expressions) => expressions.join('\n'))]);
