import type { JsonValue } from '../../json/value.ts';

/** A string as TypeScript source, in single quotes. */
export function stringSource(text: string): string {
  const inner = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"');
  // Line separators are line ends in some tools; a script's end would end a page that shows the source.
  const safe = inner
    .replaceAll("'", String.raw`\'`)
    .replaceAll('\u2028', String.raw`\u2028`)
    .replaceAll('\u2029', String.raw`\u2029`);
  return `'${safe}'`;
}

export function keySource(key: string): string {
  // The literal `__proto__: x` would set the prototype.
  if (key === '__proto__') return "['__proto__']";
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : stringSource(key);
}

/** A string that may have several lines, as TypeScript source. */
export function textSource(text: string): string {
  if (!text.includes('\n')) return stringSource(text);
  return `\`${text.replaceAll(/[\\`]|\$\{/g, String.raw`\$&`)}\``;
}

export function numberSource(value: number): string {
  return String(value);
}

/** A scalar as TypeScript source. */
export function literalSource(value: Exclude<JsonValue, object>): string {
  return typeof value === 'string'
    ? stringSource(value)
    : typeof value === 'number'
      ? numberSource(value)
      : String(value);
}
