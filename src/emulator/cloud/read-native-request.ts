import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';

/** Writes a native request as the chat request that asks the same, for the one place that makes answers. */
export function readNativeRequest(request: JsonObject, model: string): JsonObject {
  const config = objectIn(request, 'generationConfig');
  const thinking = objectIn(config, 'thinkingConfig');
  const google: Record<string, JsonValue> = {};
  if (Object.keys(thinking).length > 0) {
    google['thinking_config'] = {
      ...(thinking['thinkingBudget'] === undefined ? {} : { thinking_budget: thinking['thinkingBudget'] }),
      ...(typeof thinking['thinkingLevel'] === 'string'
        ? { thinking_level: thinking['thinkingLevel'].toLowerCase() }
        : {}),
      ...(thinking['includeThoughts'] === true ? { include_thoughts: true } : {}),
    };
    if (thinking['includeThoughts'] === true) google['thought_tag_marker'] = THOUGHT_TAG;
  }
  const chat: Record<string, JsonValue> = { model, messages: messagesOf(request) };
  const set = (name: string, value: JsonValue | undefined): void => {
    if (value !== undefined && value !== null) chat[name] = value;
  };
  set('temperature', config['temperature']);
  set('top_p', config['topP']);
  set('max_tokens', config['maxOutputTokens']);
  set('stop', config['stopSequences']);
  set('n', config['candidateCount']);
  const schema = schemaIn(config);
  if (schema !== undefined) chat['response_format'] = { type: 'json_schema', json_schema: { name: 'answer', schema } };
  else if (config['responseMimeType'] === 'application/json') chat['response_format'] = { type: 'json_object' };
  if (Object.keys(google).length > 0) chat['extra_body'] = { google };
  return chat;
}

export const THOUGHT_TAG = 'thought';

function messagesOf(request: JsonObject): JsonValue[] {
  const messages: JsonValue[] = [];
  const system = textOf(request['systemInstruction'] ?? request['system_instruction']);
  if (system !== '') messages.push({ role: 'system', content: system });
  for (const content of listIn(request, 'contents')) {
    const parts = isJsonObject(content) ? listIn(content, 'parts') : [];
    const isModel = isJsonObject(content) && content['role'] === 'model';
    if (isModel) messages.push({ role: 'assistant', content: textOf(content) });
    else messages.push({ role: 'user', content: parts.map(partOf) });
  }
  return messages;
}

function partOf(part: JsonValue): JsonValue {
  if (!isJsonObject(part)) return { type: 'text', text: '' };
  const { text, fileData, inlineData } = part;
  if (isJsonObject(fileData)) return { type: 'image_url', image_url: { url: String(fileData['fileUri'] ?? '') } };
  if (isJsonObject(inlineData)) {
    const url = `data:${String(inlineData['mimeType'])};base64,${String(inlineData['data'])}`;
    return { type: 'image_url', image_url: { url } };
  }
  return { type: 'text', text: typeof text === 'string' ? text : '' };
}

function textOf(content: JsonValue | undefined): string {
  if (!isJsonObject(content)) return '';
  return listIn(content, 'parts')
    .map((part) => (isJsonObject(part) && typeof part['text'] === 'string' ? part['text'] : ''))
    .join('');
}

function schemaIn(config: JsonObject): JsonObject | undefined {
  const { responseJsonSchema, responseSchema } = config;
  if (isJsonObject(responseJsonSchema)) return responseJsonSchema;
  return isJsonObject(responseSchema) ? toJsonSchema(responseSchema) : undefined;
}

/** The OpenAPI subset in the words of JSON Schema. */
function toJsonSchema({ nullable, type, ...rest }: JsonObject): JsonObject {
  const schema: Record<string, JsonValue | undefined> = { ...rest };
  delete schema['propertyOrdering'];
  if (typeof type === 'string') schema['type'] = type.toLowerCase();
  if (isJsonObject(rest['items'])) schema['items'] = toJsonSchema(rest['items']);
  if (isJsonObject(rest['properties'])) {
    schema['properties'] = Object.fromEntries(
      Object.entries(rest['properties']).map(([name, child]) => [
        name,
        isJsonObject(child) ? toJsonSchema(child) : child,
      ]),
    );
  }
  if (Array.isArray(rest['anyOf']))
    schema['anyOf'] = rest['anyOf'].map((one: JsonValue) => (isJsonObject(one) ? toJsonSchema(one) : one));
  return (nullable === true ? { anyOf: [schema, { type: 'null' }] } : schema) as JsonObject;
}

function objectIn(holder: JsonObject, name: string): JsonObject {
  const value = holder[name];
  return isJsonObject(value) ? value : {};
}

function listIn(holder: JsonObject, name: string): readonly JsonValue[] {
  const value = holder[name];
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}
