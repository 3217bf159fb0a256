/**
 * Words that speak for a value of an enum or a boolean, for the values such fields usually have: enough to make a trial run
 * plausible, no understanding of the text.
 */
const HINTS: Readonly<Record<string, RegExp>> = {
  positive: /\b(?:thanks?|great|love|excellent|happy|perfect|good|pleased|wonderful|danke|toll)\b/g,
  negative:
    /\b(?:terrible|awful|angry|disappoint\w*|broken|unacceptable|worst|frustrat\w*|complain\w*|bad|fail\w*|never again|defekt|kaputt)\b/g,
  urgent: /\b(?:urgent\w*|asap|immediately|right away|emergency|critical|production (?:is )?down|dringend)\b/g,
  low: /\b(?:no (?:rush|hurry)|whenever|minor|just wondering|curious)\b/g,
  billing: /\b(?:invoices?|billing|billed|charged?|refunds?|payments?|paid|price|credit card|rechnung)\b/g,
  technical: /\b(?:errors?|crash\w*|bugs?|not working|broken|install\w*|update|api|fails?|exception|fehler)\b/g,
  shipping: /\b(?:shipping|shipped|delivery|delivered|parcel|package|tracking|courier|arrived?|lieferung|paket)\b/g,
  account: /\b(?:accounts?|log ?in|password|sign in|locked out|username|profile|konto|passwort)\b/g,
  cash: /\bcash\b/g,
  card: /\b(?:visa|mastercard|credit|debit|card)\b/g,
  complaint: /\b(?:complain\w*|unacceptable|disappoint\w*|terrible|refund)\b/g,
  question: /\?|\b(?:how|what|when|where|can i|could you)\b/g,
};

const SYNONYMS: Readonly<Record<string, string>> = {
  high: 'urgent',
  critical: 'urgent',
  happy: 'positive',
  angry: 'negative',
  unhappy: 'negative',
  payment: 'billing',
  invoice: 'billing',
  bug: 'technical',
  support: 'technical',
  delivery: 'shipping',
  login: 'account',
  credit: 'card',
  inquiry: 'question',
};

/** How strongly a text speaks for a word: its own mentions count most, then those of what it stands for. */
export function keywordScore(lowerCaseText: string, word: string): number {
  const wanted = word.toLowerCase().replace(/[_-]+/g, ' ').trim();
  if (wanted === '') return 0;
  let score = 0;
  if (wanted.length > 1 && mentions(lowerCaseText, wanted)) score += 3;
  for (const part of wanted.split(' ')) {
    const hint = HINTS[part] ?? HINTS[SYNONYMS[part] ?? ''];
    if (hint !== undefined) score += lowerCaseText.match(hint)?.length ?? 0;
  }
  return score;
}

/** Whether a text has the words, not as a part of other words. */
export function mentions(lowerCaseText: string, words: string): boolean {
  for (let at = lowerCaseText.indexOf(words); at >= 0; at = lowerCaseText.indexOf(words, at + 1)) {
    const before = lowerCaseText[at - 1] ?? ' ';
    const after = lowerCaseText[at + words.length] ?? ' ';
    if (!/[\p{L}\p{N}]/u.test(before) && !/[\p{L}\p{N}]/u.test(after)) return true;
  }
  return false;
}
