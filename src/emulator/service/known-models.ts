/**
 * Ids that the service has or had, with the ending of a fixed version or a dated preview where there is one. Partners' models
 * end in `-maas`. A name that is not here is a typing error more often than tomorrow's model.
 */
const KNOWN_MODELS: readonly RegExp[] = [
  /^google\/gemini-2\.0-flash(?:-lite)?(?:-\d{3})?$/,
  /^google\/gemini-2\.5-(?:pro|flash|flash-lite)(?:-\d{3}|-preview(?:-\d\d-\d{2,4})?)?$/,
  /^google\/gemini-(?:3(?:\.\d)?-(?:pro|flash)|2\.5-flash|3\.1-flash(?:-lite)?)-image(?:-preview)?$/,
  /^google\/gemini-3(?:\.[1-9])?-(?:flash|flash-lite|pro)-preview$/,
  /^google\/gemini-3\.1-flash-lite$/,
  /^google\/gemini-3\.5-flash(?:-lite)?$/,
  /^google\/gemini-3\.[678]-flash$/,
  /^google\/gemini-3\.8-flash-cyber$/,
  /^google\/gemini-4-(?:argon|hydrogen)$/,
  /^(?:google|meta|deepseek-ai|openai|qwen|moonshotai|minimax|minimaxai|zai-org|xai|mistralai)\/[a-z0-9.-]+-maas$/,
];

export function isKnownModel(model: string): boolean {
  return KNOWN_MODELS.some((pattern) => pattern.test(model));
}
