// SPDX-License-Identifier: Apache-2.0
import type { Attribute, AttributeType } from '../model/trace';
import { asArray, asObject, asString } from './json';

const deepest = 32;

/** A value of OTLP JSON as plain JSON; 64-bit integers stay text, so no digit is lost. */
function plain(value: unknown, depth: number): unknown {
  if (depth > deepest) return '…';
  const any = asObject(value);
  if ('stringValue' in any) return asString(any.stringValue);
  if ('intValue' in any) {
    const text = asString(any.intValue);
    return Number.isSafeInteger(Number(text)) ? Number(text) : text;
  }
  if ('doubleValue' in any) return any.doubleValue;
  if ('boolValue' in any) return any.boolValue === true || any.boolValue === 'true';
  if ('bytesValue' in any) return asString(any.bytesValue);
  if ('arrayValue' in any) return asArray(asObject(any.arrayValue).values).map((item) => plain(item, depth + 1));
  if ('kvlistValue' in any) {
    const pairs = asArray(asObject(any.kvlistValue).values).map(asObject);
    return Object.fromEntries(pairs.map((pair) => [asString(pair.key), plain(pair.value, depth + 1)]));
  }
  return null;
}

function typeOf(any: Readonly<Record<string, unknown>>): AttributeType {
  if ('stringValue' in any) return 'string';
  if ('intValue' in any) return 'int';
  if ('doubleValue' in any) return 'double';
  if ('boolValue' in any) return 'bool';
  if ('bytesValue' in any) return 'bytes';
  if ('arrayValue' in any) return 'array';
  return 'kvlistValue' in any ? 'map' : 'empty';
}

/** The text of an attribute value, quickly for the common types: it is called for every attribute of a trace. */
export function valueText(value: unknown): string {
  const any = asObject(value);
  const scalar = any.stringValue ?? any.intValue ?? any.doubleValue ?? any.boolValue ?? any.bytesValue;
  if (scalar !== undefined) return typeof scalar === 'string' ? scalar : String(scalar);
  const made = plain(value, 0);
  return made === null ? '' : JSON.stringify(made);
}

export function readAttributes(list: unknown): Attribute[] {
  return asArray(list).map((item) => {
    const { key, value } = asObject(item);
    return { key: asString(key), type: typeOf(asObject(value)), value: valueText(value) };
  });
}
