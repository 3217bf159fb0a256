import { judgeAnswer, judgeValue, type AnswerVerdict } from './judge-answer.ts';
import { PROBLEM_TABLE } from './problem.ts';
import type { Completion } from '../completion/response.ts';
import type { ZodSchema } from '../schema/zod-schema.ts';

/** What an answer with pictures is to its schema. */
interface ImageAnswer {
  images: { path: string; mimeType: string; bytes: number }[];
  text: string | null;
}

/** Where the pictures of a record's answer go. */
export interface ImageSink {
  index: number;
  save(path: string, bytes: Uint8Array): void;
}

/**
 * Judges an answer that consists of pictures. The schema sees `{ images: [{ path, mimeType, bytes }], text }`; the pictures of a
 * valid answer are handed to `save` under their paths, which are below the run directory.
 */
export async function judgeImages(
  completion: Completion,
  schema: ZodSchema,
  record: ImageSink,
): Promise<AnswerVerdict<unknown>> {
  const { media, content } = completion;
  if (media.length === 0) return withoutImages(completion, schema);
  const files = media.map(({ mimeType = 'application/octet-stream', bytes }, position) => {
    const extension = /^image\/([a-z0-9]+)/.exec(mimeType)?.[1] ?? 'bin';
    // Named by the row: an id can be any text, and no text from outside becomes a path.
    const path = `images/${String(record.index).padStart(6, '0')}-${position + 1}.${extension}`;
    return { path, mimeType, bytes: bytes() };
  });
  const answer: ImageAnswer = {
    images: files.map(({ path, mimeType, bytes }) => ({ path, mimeType, bytes: bytes.length })),
    text: content ?? null,
  };
  const verdict = await judgeValue(answer, content ?? '', schema);
  if (verdict.status === 'valid') for (const { path, bytes } of files) record.save(path, bytes);
  return verdict;
}

/** A refusal or a cut-off says more than that there is no picture. */
async function withoutImages(completion: Completion, schema: ZodSchema): Promise<AnswerVerdict<unknown>> {
  const verdict = await judgeAnswer(completion, schema);
  const isAboutText = verdict.status === 'valid' || ['invalid_json', 'schema_violation'].includes(verdict.code);
  if (!isAboutText) return verdict;
  const { meaning, advice } = PROBLEM_TABLE.empty_answer;
  const reason = 'the answer holds no picture';
  return {
    status: 'invalid',
    code: 'empty_answer',
    message: `${meaning}: ${reason}; ${advice}`,
    reason,
    issues: [],
    text: completion.content,
  };
}
