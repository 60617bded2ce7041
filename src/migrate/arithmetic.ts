/** The shell's arithmetic on whole numbers; nothing deeper or longer is calculated. */
const MAX_LENGTH = 200;
const MAX_DEPTH = 20;

/** The value of `25 * (1000 + 1)`; null: not an expression of whole numbers, + - * / % and brackets. */
export function calculate(text: string): number | null {
  if (text.length > MAX_LENGTH) return null;
  const tokens = text.match(/\d+|[-+*/%()]|\S/g) ?? [];
  let at = 0;
  const factor = (depth: number): number => {
    const token = tokens[at++];
    if (depth > MAX_DEPTH || token === undefined) return NaN;
    if (token === '-') return -factor(depth + 1);
    if (token === '+') return factor(depth + 1);
    if (token === '(') {
      const value = sum(depth + 1);
      return tokens[at++] === ')' ? value : NaN;
    }
    // A number with a leading 0 is octal in a shell.
    return /^(?:0|[1-9]\d*)$/.test(token) ? Number(token) : NaN;
  };
  const product = (depth: number): number => {
    let value = factor(depth);
    for (let operator = tokens[at]; operator && '*/%'.includes(operator); operator = tokens[at]) {
      at += 1;
      const other = factor(depth);
      value = operator === '*' ? value * other : operator === '/' ? Math.trunc(value / other) : value % other;
    }
    return value;
  };
  const sum = (depth: number): number => {
    let value = product(depth);
    for (let operator = tokens[at]; operator && '+-'.includes(operator); operator = tokens[at]) {
      at += 1;
      const other = product(depth);
      value = operator === '+' ? value + other : value - other;
    }
    return value;
  };
  const value = sum(0);
  return at === tokens.length && Number.isSafeInteger(value) ? value + 0 : null;
}
