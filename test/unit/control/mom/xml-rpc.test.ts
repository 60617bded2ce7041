import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { answerText, faultText, readCall, type RpcValue } from '../../../../src/control/mom/xml-rpc.ts';

const call = (...values: string[]): string =>
  `<?xml version='1.0'?>\n<methodCall>\n<methodName>setPolicy</methodName>\n<params>\n${values
    .map((value) => `<param>\n<value>${value}</value>\n</param>\n`)
    .join('')}</params>\n</methodCall>\n`;

describe('a call', () => {
  it.each([
    ['<string>a &lt;b&gt; &#65;</string>', 'a <b> A'],
    ['a text without a type', 'a text without a type'],
    ['', ''],
    ['<string/>', ''],
    ['<string>  kept\n</string>', '  kept\n'],
    ['<string><![CDATA[<x> & y]]>z</string>', '<x> & yz'],
    [`<string>${'x'.repeat(5000)}</string>`, 'x'.repeat(5000)],
    ['<int>5</int>', 5],
    ['<i4>-5</i4>', -5],
    ['<i8> 4294967296 </i8>', 4_294_967_296],
    ['<boolean>1</boolean>', true],
    ['<boolean>0</boolean>', false],
    ['<double>-1.5</double>', -1.5],
    ['<nil/>', null],
  ])('%s', (value, read) => {
    expect(readCall(call(value))).toEqual({ method: 'setPolicy', params: [read] });
  });

  it('has parameters in their order, or none', () => {
    expect(readCall(call('a', '<int>1</int>')).params).toEqual(['a', 1]);
    expect(readCall('<methodCall><methodName> ping </methodName></methodCall>')).toEqual({
      method: 'ping',
      params: [],
    });
  });

  it.each([
    ['', 'no element'],
    ['{"method": "ping"}', 'no element'],
    ['x<methodCall/>', 'text outside of the root element'],
    ['<methodCall>', '<methodCall> is not closed'],
    ['<methodCall></methodCall>', 'there is no <methodName>'],
    ['<methodCall><methodName>a</methodName><methodName>b</methodName></methodCall>', 'there are two <methodName>'],
    ['<methodResponse/>', '<methodResponse> is not a <methodCall>'],
    ['<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><methodCall/>', 'a declaration (<!…) is not allowed'],
    [call('<array><data/></array>'), "MOM's verbs take texts and numbers, not <array>"],
    [call('<struct></struct>'), 'not <struct>'],
    [call('<base64>eA==</base64>'), 'not <base64>'],
    [call('<int>1</int><int>2</int>'), 'not <int>'],
    [call('<string><string>x</string></string>'), '<string> cannot be in <string>'],
    [call('<int>1e3</int>'), '"1e3" is not a <int>'],
    [call('<int></int>'), '"" is not a <int>'],
    [call('<boolean>true</boolean>'), '"true" is not a <boolean>'],
    [call('<double>NaN</double>'), '"NaN" is not a <double>'],
    [call(...Array.from({ length: 9 }, () => 'x')), 'a call has at most 8 parameters'],
    ['<methodCall>x<methodName>a</methodName></methodCall>', '<methodCall> has a text: x'],
    ['<a>'.repeat(1_000_000), '<a> is not a <methodCall>'],
    [call('<value>'.repeat(500_000)), 'not <value>'],
  ])('is not %.60s', (xml, message) => {
    expect(() => readCall(xml)).toThrow(message);
  });

  it('costs time in proportion to its length, whatever it contains', () => {
    const began = performance.now();
    for (const part of ['&amp;', '<!---->', '<![CDATA[]]>', '<?x?>', '&', ']]>', '\r\n'])
      expect(
        readCall(call(`<string>${part.repeat(Math.floor(4_000_000 / part.length))}</string>`)).params,
      ).toHaveLength(1);
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('of any text is a call or an error in one line', () => {
    const parts = fc.constantFrom('<methodCall>', '<methodName>', '</methodName>', '<params>', '<param>', '<value>', '<int>', '</int>', '<nil/>', '</value>', 'x', '&#0;', '&#x10ffff;', '<![CDATA[', ']]>', '<!', '\n'); // prettier-ignore
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(parts).map((each) => each.join('')),
        ),
        (xml) => {
          try {
            readCall(xml);
          } catch (error) {
            expect((error as Error).message).toMatch(/^[^\n]{1,400}$/);
          }
        },
      ),
    );
  });
});

describe('an answer', () => {
  it.each([
    [true, '<boolean>1</boolean>'],
    [false, '<boolean>0</boolean>'],
    [5, '<int>5</int>'],
    [2_147_483_647, '<int>2147483647</int>'],
    [2_147_483_648, '<i8>2147483648</i8>'],
    [-2_147_483_648, '<i8>-2147483648</i8>'],
    [0.5, '<double>0.5</double>'],
    [null, '<nil/>'],
    ['<&>\r\n"', '<string>&lt;&amp;&gt;&#13;\n"</string>'],
    ['\u0000\u001b\ud800 😀\uffff', '<string>\ufffd\ufffd\ufffd 😀\ufffd</string>'],
    [['a', 1], '<array><data><value><string>a</string></value><value><int>1</int></value></data></array>'],
    [
      new Map([['__proto__', 1]]),
      '<struct>\n<member><name>__proto__</name><value><int>1</int></value></member></struct>',
    ],
  ] satisfies [RpcValue, string][])('of %j', (value, text) => {
    expect(answerText(value)).toBe(
      `<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value>${text}</value>\n</param>\n</params>\n</methodResponse>\n`,
    );
  });

  it('is XML that another reader reads, with any text in it', () => {
    const parser = new XMLParser({ parseTagValue: false, trimValues: false });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        const read = parser.parse(faultText(1, text)) as {
          methodResponse: { fault: { value: { struct: { member: { value: { string: string } }[] } } } };
        };
        expect(read.methodResponse.fault.value.struct.member[1]!.value.string).toBe(text);
      }),
    );
  });
});
