import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('emulator-process.mjs', import.meta.url));

/** Starts the emulator in a process of its own. */
export async function startService(options) {
  const child = fork(program, [JSON.stringify(options)]);
  const [{ origin, baseUrl }] = await once(child, 'message');
  const get = async (path) => (await fetch(`${origin}/__emulator/${path}`)).json();

  return {
    pid: child.pid,
    baseUrl,
    stats: () => get('stats'),
    requests: () => get('requests'),
    /** All requests of a service that was started with `keepsBill`, as they are reconciled, and how many had arrived when. */
    async bill() {
      child.send('bill');
      const [{ bill, arrivals }] = await once(child, 'message');
      const requests = bill.map(([number, total, fault]) => ({
        body: { messages: `Note <${number}>` },
        usage: total === null ? undefined : { total },
        fault: fault ?? undefined,
      }));
      return { requests, arrivals };
    },
    reset: () => fetch(`${origin}/__emulator/reset`, { method: 'POST' }),
    /** Waits until calls whose client was killed have ended here too: only then do its counters stand still. */
    async settled() {
      for (let tries = 0; tries < 400; tries += 1) {
        const stats = await get('stats');
        if (stats.inFlight === 0) return stats;
        await wait(25);
      }
      throw new Error('The emulator still has calls in flight');
    },
    async stop() {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
