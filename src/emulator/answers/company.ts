/** Legal forms, and the trades that small businesses have in their names. */
const LEGAL_FORM =
  /\b(?:SDN\.?,? ?B[HN]?D|S\/B|BHD|BERHAD|LTD|LIMITED|L\.?L\.?C|INC|GMBH|AG|PLC|CORP|CORPORATION|PTE|B\.V|S\.A)\b\.?/i;
const TRADE =
  /\b(?:ENTERPRISE|TRADING|RESTA?U?O?RANT?|CAFE|BISTRO|BAKERY|MART|SUPERMARKET|HYPERMARKET|HARDWARE|STATIONERY|PHARMACY|FARMASI|PERNIAGAAN|SYARIKAT|KEDAI|SHOP|STORES?|MACHINERY|ELECTRICAL|HOTEL|KITCHEN|FOOD|MARKETING|INDUSTR(?:Y|IES)|SERVICES?|BOOK|PUSTAKA|AUTO|MOTOR|CENTRE|CENTER|HOUSE|HOLDINGS?|GROUP)\b/i;

/** The company's name, and the last line that it takes up. */
export interface CompanyLine {
  name: string;
  index: number;
}

/** Where the company stands: the first of the top lines with a legal form, else with a trade, else the first with words. */
export function findCompany(lines: readonly string[]): CompanyLine | undefined {
  const top = lines.slice(0, 10);
  let index = top.findIndex((line) => COMPANY_LABEL.test(line));
  if (index < 0) index = top.slice(0, 6).findIndex((line) => LEGAL_FORM.test(line) && !/^bill to|^to:/i.test(line));
  if (index < 0)
    index = top
      .slice(0, 5)
      .findIndex((line) => TRADE.test(line) && !ADDRESS_WORD.test(line) && !NOT_COMPANY.test(line));
  if (index < 0) index = top.findIndex((line) => /\p{L}{3}/u.test(line) && !NOT_COMPANY.test(line));
  const line = top[index];
  if (line === undefined) return undefined;
  let name = line.replace(COMPANY_LABEL, '');
  let last = index;
  // A name over two lines: its legal form stands alone, a bracket or an "&" hangs over.
  const bare = name.replace(LEGAL_FORM, '').replace(/[^\p{L}]|\(M\)/gu, '');
  const hangs = /^[(&]/.test(name) || bare.length < 4 || (name.includes(')') && !name.includes('('));
  if (hangs && index > 0) name = `${top[index - 1] ?? ''} ${name}`;
  else if (name.endsWith('&')) name = `${name} ${top[++last] ?? ''}`;
  name = name
    .replace(/^#?\d[\d-]{3,}\s+/, '')
    .replace(/\s*\(?(?:co\.?|company|reg|roc)[ .]*(?:reg|no|number)?[ .:]*[A-Z]{0,2}\d{4,}[^)]*\)?$/i, '')
    .replace(/\s*[([]?\b[A-Z]{0,3}\d{4,}[ -]*[A-Z]{0,2}\b[)\]]?(?:\s*\([A-Z]{1,4}\))?\s*$/, '')
    .trim();
  return { name: name === '' ? line : name, index: last };
}

const COMPANY_LABEL = /^(?:company|vendor|merchant|seller|supplier|store)\s*:\s*(?=\S)/i;
const NOT_COMPANY =
  /^(?:\W*(?:simplified )?(?:tax invoice|invoice|receipt|cash|welcome|bill|tel|date|copy|thank|your))\b|:\s*$/i;
const ADDRESS_WORD =
  /\b(?:NO\.? ?\d|LOT|JALAN|JLN|LORONG|LRG|PERSIARAN|TAMAN|TMN|BANDAR|KAMPUNG|SEKSYEN|SECTION|STREET|STR\.|STRASSE|ROAD|RD|AVENUE|AVE|LANE|DRIVE|BLVD|BLOCK|BLK|FLOOR|LEVEL|TINGKAT|PLAZA|MALL|BATU|P\.?O\.? BOX|SUITE|KM)\b|straße|(?<!\d)\d{5},? +\p{L}{3}|^\d{1,4}[A-Z]?(?:-\d+)?[,.] ?\p{L}/iu;
/** What stands below an address on a bill. */
export const ADDRESS_END =
  /\b(?:TEL|TELEPHONE|PHONE|FAX|HP|H\/P|MOBILE|GST|TAX|INVOICE|RECEIPT|E-?MAIL|DATE|CASH|CASHIER|COUNTER|TABLE|REG|ROC|MEMBER|BILL|ORDER|DOC|DOCUMENT|WELCOME|SERVED|ITEM|QTY|TIME|HOTLINE|CARELINE|CUSTOMER|GUEST|PAX|SITE|TRANSACTION|SIMPLIFIED)\b|^[TF] ?:|@|WWW\.|^\W*$|\d+\.\d\d\b|\d\d[:/]\d\d[:/]\d\d|^[+\d][\d ()-]{7,}\W*$/i;

/** The lines from the first that looks like an address to the first that does not. */
export function findAddress(lines: readonly string[], companyIndex: number): string | undefined {
  const top = lines.slice(0, companyIndex + 12);
  const start = top.findIndex(
    (line, index) => index > companyIndex && ADDRESS_WORD.test(line) && !ADDRESS_END.test(line),
  );
  if (start < 0) return undefined;
  // A house number alone stands on the line above the street.
  const before = top[start - 1] ?? '';
  const isNumber = start - 1 > companyIndex && /^(?:NO\.?|LOT)?\s*[\d-]+[A-Z]?(?:\s*[,&-]\s*[\w-]+)*,$/i.test(before);
  const parts: string[] = [];
  for (const line of top.slice(isNumber ? start - 1 : start, start + 6)) {
    if (ADDRESS_END.test(line)) break;
    parts.push(line);
  }
  return parts.join(' ');
}
