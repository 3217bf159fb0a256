import { impliesFormat } from './format-hierarchy.ts';

const LABEL = '[a-z](?:[a-z0-9]|-(?=[a-z0-9])(?<!--)){0,30}';
const HOST = String.raw`(?:${LABEL}\.){1,4}[a-z]{2,20}`;
const BYTE = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const DATE = '[1-9][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])';
const SEGMENT = '[A-Za-z0-9._~-]';

/**
 * Texts of formats about which no validator has doubts, though they differ widely: names that any resolver takes, years of four digits,
 * days that every month has. What is missing here may be of the format as well.
 */
const SURE: Readonly<Record<string, RegExp>> = {
  date: new RegExp(`^${DATE}$`),
  'date-time': new RegExp(String.raw`^${DATE}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{3})?Z$`),
  email: new RegExp(String.raw`^[a-z0-9]{1,20}(?:[._-][a-z0-9]{1,20}){0,2}@${HOST}$`),
  hostname: new RegExp(`^${HOST}$`),
  ipv4: new RegExp(String.raw`^${BYTE}(?:\.${BYTE}){3}$`),
  ipv6: /^(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}$/,
  // Versions and variants of RFC 4122.
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  uri: new RegExp(
    String.raw`^https?://(?:${LABEL}\.){1,4}[a-z]{1,20}(?::[1-9][0-9]{0,3})?(?:/${SEGMENT}*)*(?:\?(?:${SEGMENT}|[=&])*)?(?:#${SEGMENT}*)?$`,
  ),
};

/** Whether every validator that checks a format takes a text for one of it; false says nothing. */
export function isSurelyOf(format: string, text: string): boolean {
  return Object.entries(SURE).some(([narrow, texts]) => impliesFormat(narrow, format) && texts.test(text));
}
