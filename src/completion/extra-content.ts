import { isJsonObject, type JsonValue } from '../json/value.ts';

/** Google's additions to a message, a content part or a tool call. */
export interface ExtraContent {
  google: GoogleExtra;
}

/** What stands below `extra_content.google`. Keys this version does not know pass through untouched. */
export interface GoogleExtra {
  /** Whether the text is the model's thoughts; goes before the tag marker. */
  readonly thought?: boolean;
  /** Base64. Gemini 3 and later demand it back, unchanged, with the tool calls they made. */
  readonly thought_signature?: string;
  /** Files that belong to a tool's answer. */
  readonly parts?: readonly FilePart[];
  /** Of the media in an answer's `audio`. */
  readonly mime_type?: string;
  readonly [key: string]: JsonValue | undefined;
}

// A type alias, for an interface is no JsonObject to the compiler.
export type FilePart = {
  readonly file_data: { readonly mime_type: string; readonly display_name?: string; readonly file_uri: string };
};

export function readExtraContent(value: JsonValue | undefined): ExtraContent | undefined {
  const google = isJsonObject(value) ? value['google'] : undefined;
  // Trusted as far as the types say: it is only handed on, or read key by key with a check.
  return isJsonObject(google) ? { google: google as GoogleExtra } : undefined;
}
