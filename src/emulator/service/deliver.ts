import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Reply } from './reply.ts';

export interface DeliveryLimits {
  /** How long a stall lasts when the client does not leave first. */
  maxStallMs: number;
  /** Pause between the events of a streamed answer. */
  eventDelayMs: number;
  /** Pause between the pieces of a slow answer. */
  dripMs: number;
}

/** What reached the client, as far as the sender can know. */
export interface Delivered {
  /** Undefined where the connection ended before a status line. */
  status: number | undefined;
  /** Whether the body went out whole and readable; a slow one knows at its end. */
  isWhole: boolean | Promise<boolean>;
}

/** Writes a reply to the wire, right or wrong; slow ones go on in the background. */
export function deliver(response: ServerResponse, reply: Reply, limits: DeliveryLimits): Delivered {
  if (response.destroyed || response.socket === null || response.socket.destroyed) {
    return { status: undefined, isWhole: false };
  }
  const { wireFault, status } = reply;
  switch (wireFault) {
    case undefined:
      if (reply.events !== undefined) {
        response.writeHead(status, reply.headers);
        return { status, isWhole: drip(response, reply.events, limits.eventDelayMs) };
      }
      writeHead(response, reply, Buffer.byteLength(reply.body));
      response.end(reply.body);
      return { status, isWhole: true };
    case 'reset':
      response.socket.resetAndDestroy();
      return { status: undefined, isWhole: false };
    case 'stall':
      void leaveAfter(response, limits.maxStallMs);
      return { status: undefined, isWhole: false };
    case 'reset-mid-body':
    case 'stall-mid-body': {
      const body = Buffer.from(reply.body);
      writeHead(response, reply, body.length);
      response.write(body.subarray(0, body.length >> 1));
      // A pause before the reset lets the first half arrive: the kernel drops unread data with it.
      void leaveAfter(response, wireFault === 'reset-mid-body' ? 20 : limits.maxStallMs);
      return { status, isWhole: false };
    }
    case 'truncated-body': {
      const body = Buffer.from(reply.body).subarray(0, reply.body.length >> 1);
      writeHead(response, reply, body.length);
      response.end(body);
      return { status, isWhole: false };
    }
    case 'wrong-content-length':
      writeHead(response, reply, Buffer.byteLength(reply.body) + 100);
      response.write(reply.body);
      response.socket.end();
      return { status, isWhole: false };
    case 'empty-body':
      writeHead(response, reply, 0);
      response.end();
      return { status, isWhole: false };
    case 'html-body': {
      const page = '<!DOCTYPE html>\n<html><head><title>Please wait</title></head><body>Please wait.</body></html>\n';
      response.writeHead(status, { 'content-type': 'text/html; charset=UTF-8', 'content-length': page.length });
      response.end(page);
      return { status, isWhole: false };
    }
    case 'slow-drip':
      response.writeHead(status, reply.headers);
      return { status, isWhole: drip(response, slices(Buffer.from(reply.body), 20), limits.dripMs) };
    default:
      return wireFault satisfies never;
  }
}

function writeHead(response: ServerResponse, reply: Reply, length: number): void {
  response.writeHead(reply.status, { ...reply.headers, 'content-length': length });
}

/** Cuts the connection after a while, or lets the client do so. */
async function leaveAfter(response: ServerResponse, delayMs: number): Promise<void> {
  const abort = new AbortController();
  response.once('close', () => abort.abort());
  try {
    await sleep(delayMs, undefined, { signal: abort.signal, ref: false });
  } catch {
    // The client left first.
    return;
  }
  response.socket?.resetAndDestroy();
}

/** False when the client left before the end. */
async function drip(response: ServerResponse, parts: readonly (string | Buffer)[], pauseMs: number): Promise<boolean> {
  for (const part of parts) {
    if (response.destroyed) return false;
    response.write(part);
    if (pauseMs > 0) await sleep(pauseMs);
  }
  response.end();
  return !response.destroyed;
}

function slices(body: Buffer, count: number): Buffer[] {
  const size = Math.ceil(body.length / count);
  return Array.from({ length: count }, (_, index) => body.subarray(index * size, (index + 1) * size)).filter(
    (slice) => slice.length > 0,
  );
}
