import { stringboolWords } from './stringbool.ts';
import { isObject, walkZod, zodDefinition } from './walk.ts';

/** The functions that a schema was given: refinements, checks, transforms, custom types. */
export interface OwnFunctions {
  /** Their text, each with the path of its field. */
  sources: string[];
  /** Paths of functions that zod keeps in closures of its own, whose text says nothing of them. */
  hidden: string[];
}

/** zod's own wrapping, in which the function that it was given is not to be seen: `superRefine` of zod 4, `refine` of zod 3. */
const WRAPPING = /payload\.addIssue = |const result = check\(val\);/;

/** Reads the text of the functions that a schema was given. What zod does itself, such as `trim`, is none of them: its text is zod's. */
export function readOwnFunctions(schema: object): OwnFunctions {
  const found: OwnFunctions = { sources: [], hidden: [] };
  walkZod(schema, (node, path) => {
    for (const text of functionTexts(node)) {
      if (text === undefined) found.hidden.push(path);
      else found.sources.push(`${path}\0${text}`);
    }
  });
  return found;
}

/** The texts of the functions that one node was given, in which layout says nothing; undefined for a hidden one. */
export function functionTexts(node: object): (string | undefined)[] {
  return functionsOf(node)
    .filter((own) => typeof own === 'function')
    .map((own) => (WRAPPING.test(String(own)) ? undefined : String(own).replaceAll(/\s+/g, ' ')));
}

function functionsOf(node: object): unknown[] {
  const definition = zodDefinition(node);
  const { effect, transform, fn, checks } = definition;
  if (!('_zod' in node)) return isObject(effect) ? [effect['refinement'], effect['transform']] : [];
  if (definition['in'] !== undefined && stringboolWords(node) !== undefined) return [];
  const ofChecks = (Array.isArray(checks) ? checks : []).map((check: unknown) => {
    if (!isObject(check) || !isObject(check['_zod'])) return undefined;
    const { def, check: run } = check['_zod'];
    if (isObject(def) && def['check'] !== undefined && def['check'] !== 'custom') return undefined;
    return isObject(def) && def['fn'] !== undefined ? def['fn'] : run;
  });
  return [fn, transform, ...ofChecks];
}
