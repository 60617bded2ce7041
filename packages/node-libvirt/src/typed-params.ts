import { STRING_MAX_BYTES } from './protocol.ts';
import { XdrError, type Int64, type XdrReader, type XdrWriter } from './xdr.ts';

/** virTypedParameter. Setters require the exact type. */
export type TypedParam =
  | { readonly name: string; readonly type: 'int' | 'uint' | 'double'; readonly value: number }
  | { readonly name: string; readonly type: 'llong' | 'ullong'; readonly value: Int64 }
  | { readonly name: string; readonly type: 'boolean'; readonly value: boolean }
  | { readonly name: string; readonly type: 'string'; readonly value: string };

export type TypedParamType = TypedParam['type'];

export type TypedValue = number | bigint | boolean | string;

/** Flag for getters that can return strings (VIR_TYPED_PARAM_STRING_OKAY). */
export const STRING_OKAY = 4;

const WIRE_TYPE = { int: 1, uint: 2, llong: 3, ullong: 4, double: 5, boolean: 6, string: 7 } as const satisfies Record<
  TypedParamType,
  number
>;

/** Length word of the name, type and the smallest value. */
export const TYPED_PARAM_MIN_BYTES = 12;

/** Sent by drivers that have no value. */
const NO_VALUE = (1n << 64n) - 1n;

/**
 * Reads a list of typed parameters and calls `visit` with each. An unsigned 64-bit value of all ones is libvirt's "no
 * value" and is skipped.
 */
export function visitTypedParams(
  reader: XdrReader,
  maxCount: number,
  visit: (name: string, type: TypedParamType, value: TypedValue) => void,
): void {
  const count = reader.count(maxCount, TYPED_PARAM_MIN_BYTES);
  for (let i = 0; i < count; i++) {
    const name = reader.string(STRING_MAX_BYTES);
    const type = reader.int();
    switch (type) {
      case WIRE_TYPE.int:
        visit(name, 'int', reader.int());
        break;
      case WIRE_TYPE.uint:
        visit(name, 'uint', reader.uint());
        break;
      case WIRE_TYPE.llong:
        visit(name, 'llong', reader.int64());
        break;
      case WIRE_TYPE.ullong: {
        const value = reader.uint64();
        if (value !== NO_VALUE) visit(name, 'ullong', value);
        break;
      }
      case WIRE_TYPE.double:
        visit(name, 'double', reader.double());
        break;
      case WIRE_TYPE.boolean:
        visit(name, 'boolean', reader.int() !== 0);
        break;
      case WIRE_TYPE.string:
        visit(name, 'string', reader.string(STRING_MAX_BYTES));
        break;
      default:
        throw new XdrError(`a typed parameter "${name.slice(0, 80)}" of the unknown type ${type}`);
    }
  }
}

export function readTypedParams(reader: XdrReader, maxCount: number): TypedParam[] {
  const params: TypedParam[] = [];
  visitTypedParams(reader, maxCount, (name, type, value) => params.push({ name, type, value } as TypedParam));
  return params;
}

export function writeTypedParams(writer: XdrWriter, params: readonly TypedParam[], maxCount: number): void {
  writer.array(params, maxCount, writeTypedParam);
}

function writeTypedParam(writer: XdrWriter, param: TypedParam): void {
  writer.string(param.name, STRING_MAX_BYTES).int(WIRE_TYPE[param.type]);
  switch (param.type) {
    case 'int':
      writer.int(param.value);
      return;
    case 'uint':
      writer.uint(param.value);
      return;
    case 'llong':
      writer.int64(param.value);
      return;
    case 'ullong':
      writer.uint64(param.value);
      return;
    case 'double':
      writer.double(param.value);
      return;
    case 'boolean':
      writer.int(param.value ? 1 : 0);
      return;
    case 'string':
      writer.string(param.value, STRING_MAX_BYTES);
  }
}
