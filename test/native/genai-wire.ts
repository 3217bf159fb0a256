import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GoogleGenAI, type GenerateContentParameters } from '@google/genai';
import type { JsonObject } from '../../src/json/value.ts';

/** What Google's own SDK puts on the wire for some parameters. */
export async function wireOfGoogle(parameters: GenerateContentParameters): Promise<JsonObject> {
  let body = '';
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"candidates":[]}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const client = new GoogleGenAI({
      vertexai: true,
      project: 'p',
      location: 'global',
      httpOptions: { baseUrl: `http://127.0.0.1:${port}` },
      googleAuthOptions: { authClient: new StubAuth() as never },
    });
    await client.models.generateContent(parameters);
  } finally {
    server.close();
    server.closeAllConnections();
  }
  return JSON.parse(body) as JsonObject;
}

/** Gives headers and asks nobody for a token. */
class StubAuth {
  getRequestHeaders(): Promise<Headers> {
    return Promise.resolve(new Headers({ authorization: 'Bearer stub' }));
  }
}
