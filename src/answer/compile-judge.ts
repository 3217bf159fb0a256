import type { Completion } from '../completion/response.ts';
import type { JsonValue } from '../json/value.ts';
import type { ZodSchema } from '../schema/zod-schema.ts';
import { judgeAnswer, judgeText, judgeValue } from './judge-answer.ts';
import { judgeImages, type ImageSink } from './judge-images.ts';
import type { AnswerShape, AnswerVerdict } from './verdict.ts';

/** Says what answers are worth. */
export interface Judge {
  /** `record` takes the pictures of an answer that has some. */
  judge(completion: Completion, record: ImageSink): AnswerVerdict<unknown> | Promise<AnswerVerdict<unknown>>;
  /** Judges what a model answered on another day: the value that the schema is given, or the text of it. */
  judgeAgain(answer: EarlierText): Promise<AnswerVerdict<unknown>>;
}

export type EarlierText = { value: JsonValue } | { text: string };

/** What of a definition decides what an answer is worth. */
export interface JudgedBy {
  schema: ZodSchema;
  shape: AnswerShape;
  /** The cap that answers were asked with, which tells why one is cut off. */
  maxTokens: number | undefined;
  isForImages: boolean;
}

/** Prepares what the answers to a definition are judged with. */
export function compileJudge({ schema, shape, maxTokens, isForImages }: JudgedBy): Judge {
  const options = { ...shape, maxTokens };
  return {
    judge: (completion, record) =>
      isForImages ? judgeImages(completion, schema, record) : judgeAnswer(completion, schema, options),
    judgeAgain: (answer) =>
      'text' in answer
        ? judgeText(answer.text, schema, shape)
        : judgeValue(answer.value, '', schema, isForImages ? {} : shape),
  };
}
