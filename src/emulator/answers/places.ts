const NAME = "\\p{Lu}[\\p{L}'’.-]*(?: \\p{Lu}[\\p{L}'’.-]*){0,3}(?:, ?[A-Z]{2}\\b)?";
const places = new RegExp(
  `(?<![\\p{L}])(?:in|at|near|for|to|from) (${NAME}(?:(?:, ?(?:and |or )?| (?:and|or) )${NAME}){0,9})`,
  'gu',
);
const SEPARATOR = /, ?(?:and |or )(?=\p{Lu})| (?:and|or) (?=\p{Lu})|, ?(?![A-Z]{2}\b)(?=\p{Lu})/u;
const TIMES =
  /^(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:January|February|March|April|May|June|July|August|September|October|November|December))\b/;

/** The places that a sentence names: "in Boston and New Delhi" names two. */
export function findPlaces(text: string): string[] {
  const found = Array.from(text.matchAll(places), ([, list = '']) => list.split(SEPARATOR)).flat();
  return [...new Set(found.map((place) => place.replace(/[.'’-]+$/, '')).filter((place) => !TIMES.test(place)))];
}
