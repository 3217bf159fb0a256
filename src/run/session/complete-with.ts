import type { CompletionClient, StreamingClient } from '../../completion/client.ts';
import { GleanerError } from '../../gleaner-error.ts';
import type { RecordContext } from '../ports.ts';
import type { PreparedExtraction } from '../prepare-extraction.ts';

/**
 * Says how a call is made: in one piece, or as a stream that is watched.
 *
 * @throws {GleanerError} when answers are to be streamed and the client cannot
 */
export async function completeWith(
  client: CompletionClient,
  prepared: PreparedExtraction,
): Promise<RecordContext['complete']> {
  if (!prepared.isStreamed) {
    return async (request, signal) => ({ completion: await client.complete(request, { signal }) });
  }
  if (!('stream' in client)) {
    throw new GleanerError(
      'run-refused',
      'Cannot stream answers: the client has no stream method; use createVertexClient, or leave streaming off',
    );
  }
  // Loaded here, because most runs do not stream.
  const { streamAnswer } = await import('../record/stream-answer.ts');
  const { streamSchema } = await import('../../answer/early-stop/stream-schema.ts');
  const { schema, shape } = prepared.judgedBy;
  const { thinking } = prepared.reading.request ?? {};
  const thinkingBudget = thinking !== undefined && 'budget' in thinking ? thinking.budget : undefined;
  const { loosenForCoercion } = await import('../../answer/early-stop/loosen-for-coercion.ts');
  const taken = streamSchema(schema);
  const options = {
    client: client as StreamingClient,
    schema: shape.coerce === false ? taken : loosenForCoercion(taken),
    thinkingBudget,
  };
  return (call, signal) => streamAnswer(call, signal, options);
}
