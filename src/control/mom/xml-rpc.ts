import { XmlScanner } from '../../support/xml-scanner.ts';
import { shown } from '../server/request.ts';

/** A value of a call: MOM's verbs take no others. */
export type RpcParam = string | number | boolean | null;

/** A value of an answer. */
export type RpcValue = RpcParam | readonly RpcValue[] | ReadonlyMap<string, RpcValue>;

export interface RpcCall {
  readonly method: string;
  readonly params: readonly RpcParam[];
}

/** No verb takes more. */
const MOST_PARAMS = 8;

/** Which elements each element may have; other names are those of scalars, which have none. */
const CHILDREN: Readonly<Record<string, readonly string[]>> = {
  '': ['methodCall'],
  methodCall: ['methodName', 'params'],
  params: ['param'],
  param: ['value'],
  value: ['string', 'int', 'i4', 'i8', 'boolean', 'double', 'nil'],
};

/**
 * Reads a call. One pass over the text, and the first element that does not belong there ends it: what is nested, declared or
 * repeated costs nothing.
 * @throws Error that says what is wrong
 */
export function readCall(xml: string): RpcCall {
  const scanner = new XmlScanner(xml, xml.length);
  const open: string[] = [''];
  const params: RpcParam[] = [];
  let method: string | null = null;
  let text = '';
  let scalar: string | null = null;
  for (let token = scanner.next(); token !== null; token = scanner.next()) {
    const inner = open.at(-1)!;
    if (token.kind === 'text') {
      if (CHILDREN[inner] === undefined || inner === 'value') text += token.text;
      else if (token.text.trim() !== '') throw new Error(`<${inner}> has a text: ${shown(token.text.trim())}`);
    } else if (token.kind === 'start') {
      const { name } = token;
      if (CHILDREN[inner]?.includes(name) !== true || scalar !== null) throw new Error(misplaced(name, inner));
      if (name === 'methodName' && method !== null) throw new Error('there are two <methodName>');
      open.push(name);
      text = '';
    } else {
      open.pop();
      if (inner === 'methodName') method = text.trim();
      else if (inner === 'value') {
        if (params.length >= MOST_PARAMS) throw new Error(`a call has at most ${MOST_PARAMS} parameters`);
        params.push(scalar === null ? text : valueOf(scalar, text));
        scalar = null;
      } else if (CHILDREN[inner] === undefined) scalar = inner;
    }
  }
  if (method === null) throw new Error('there is no <methodName>');
  return { method, params };
}

function misplaced(name: string, within: string): string {
  if (within === 'value') return `MOM's verbs take texts and numbers, not <${shown(name)}>`;
  return within === '' ? `<${shown(name)}> is not a <methodCall>` : `<${shown(name)}> cannot be in <${within}>`;
}

function valueOf(type: string, text: string): RpcParam {
  if (type === 'string') return text;
  if (type === 'nil') return null;
  const plain = text.trim();
  if (type === 'boolean' && /^[01]$/.test(plain)) return plain === '1';
  const form = type === 'double' ? /^[+-]?\d{1,32}(?:\.\d{1,32})?$/ : /^[+-]?\d{1,16}$/;
  if (type !== 'boolean' && form.test(plain)) return Number(plain);
  throw new Error(`"${shown(plain)}" is not a <${type}>`);
}

export function answerText(value: RpcValue): string {
  const parts: string[] = [];
  write(value, parts);
  return response(`<params>\n<param>\n${parts.join('')}\n</param>\n</params>`);
}

export function faultText(code: number, message: string): string {
  const parts: string[] = [];
  write(new Map<string, RpcValue>([['faultCode', code], ['faultString', message]]), parts); // prettier-ignore
  return response(`<fault>\n${parts.join('')}\n</fault>`);
}

function response(content: string): string {
  return `<?xml version='1.0'?>\n<methodResponse>\n${content}\n</methodResponse>\n`;
}

function write(value: RpcValue, parts: string[]): void {
  parts.push('<value>');
  if (value === null) parts.push('<nil/>');
  else if (typeof value === 'string') parts.push('<string>', escaped(value), '</string>');
  else if (typeof value === 'boolean') parts.push(value ? '<boolean>1</boolean>' : '<boolean>0</boolean>');
  else if (typeof value === 'number') parts.push(numberText(value));
  else if (value instanceof Map) writeStruct(value as ReadonlyMap<string, RpcValue>, parts);
  else {
    parts.push('<array><data>');
    for (const each of value as readonly RpcValue[]) write(each, parts);
    parts.push('</data></array>');
  }
  parts.push('</value>');
}

function writeStruct(value: ReadonlyMap<string, RpcValue>, parts: string[]): void {
  parts.push('<struct>');
  for (const [name, each] of value) {
    parts.push('\n<member><name>', escaped(name), '</name>');
    write(each, parts);
    parts.push('</member>');
  }
  parts.push('</struct>');
}

function numberText(value: number): string {
  if (!Number.isSafeInteger(value)) return `<double>${value}</double>`;
  return Math.abs(value) < 2 ** 31 ? `<int>${value}</int>` : `<i8>${value}</i8>`;
}

/** XML 1.0 has no way to write most control characters and lone surrogates, and readers turn a carriage return into a line feed. */
function escaped(text: string): string {
  return text.replace(UNWRITABLE, (character) => ESCAPES[character] ?? '\ufffd');
}

// oxlint-disable-next-line no-control-regex -- these are what it is about
const UNWRITABLE = /[&<>\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };
