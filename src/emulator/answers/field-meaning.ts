/** What a field is about, as far as its name tells. */
export type Meaning =
  | 'total'
  | 'subtotal'
  | 'tax'
  | 'discount'
  | 'cash'
  | 'change'
  | 'price'
  | 'amount'
  | 'quantity'
  | 'date'
  | 'time'
  | 'company'
  | 'person'
  | 'address'
  | 'place'
  | 'postcode'
  | 'email'
  | 'phone'
  | 'url'
  | 'number'
  | 'currency'
  | 'subject'
  | 'summary'
  | 'item';

/** Splits `invoiceDate`, `invoice_date` and `Invoice Date` into the same words. */
export function fieldWords(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** First match wins, so the narrower meanings come first. Matched against the words joined by spaces. */
const MEANINGS: readonly (readonly [RegExp, Meaning])[] = [
  [/\b(?:e ?mails?|mail address)\b/, 'email'],
  [/\b(?:phones?|tel|telephone|mobile|fax)\b/, 'phone'],
  [/\b(?:urls?|websites?|links?|homepage|web)\b/, 'url'],
  [/\b(?:post ?code|postal code|zip|zip ?code|plz)\b/, 'postcode'],
  [/\baddress(?:es)?\b/, 'address'],
  [/\b(?:locations?|city|cities|towns?|places?|destinations?)\b/, 'place'],
  [/\b(?:sub ?total|net amount|net total)\b/, 'subtotal'],
  [/\b(?:tax|vat|gst|mwst) (?:id|number|no|code|registration)\b/, 'number'],
  [/\b(?:tax|vat|gst|mwst)\b/, 'tax'],
  [/\b(?:discount|saving)s?\b/, 'discount'],
  [/\bchange (?:due|given)\b|^change$/, 'change'],
  [/\b(?:cash|tendered)\b/, 'cash'],
  [/\b(?:quantity|qty|quantities|count|units)\b/, 'quantity'],
  [/\b(?:currency)\b/, 'currency'],
  [/\b(?:unit price|price|prices|cost)\b/, 'price'],
  [/\b(?:totals?|grand total|balance|sum|amount due|betrag|gesamt)\b/, 'total'],
  [/\b(?:amounts?)\b/, 'amount'],
  [/\b(?:dates?|datum|day|on|issued|due)\b|\b(?:at)$/, 'date'],
  [/\b(?:time|uhrzeit)\b/, 'time'],
  [/\b(?:number|no|id|reference|ref|code|nr|sku)\b/, 'number'],
  [
    /\b(?:company|vendor|merchant|seller|supplier|store|shop|business|organi[sz]ation|firma|issuer|employer|retailer)\b/,
    'company',
  ],
  [/\b(?:subject|title|topic|headline|betreff)\b/, 'subject'],
  [/\b(?:summary|abstract|reason|message|comment|notes?|text|body|issue|problem|details)\b/, 'summary'],
  [/\b(?:items?|products?|articles?|description|lines?)\b/, 'item'],
  [
    /\b(?:names?|customers?|persons?|people|authors?|senders?|participants?|contacts?|cashier|users?|attendees?)\b/,
    'person',
  ],
];

export function findMeaning(words: readonly string[]): Meaning | undefined {
  const joined = words.join(' ');
  return MEANINGS.find(([pattern]) => pattern.test(joined))?.[1];
}
