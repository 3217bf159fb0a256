import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PoolGate } from '../../../src/fleet/pool/pool-gate.ts';
import { PoolSession } from '../../../src/fleet/pool/pool-session.ts';
import { PooledPacer } from '../../../src/fleet/pool/pooled-pacer.ts';
import { AdaptivePacer } from '../../../src/pacing/pacer.ts';
import type { Permit } from '../../../src/run/ports.ts';
import { describePacer } from '../../pacing/pacer-conformance.ts';
import { simulateTime, type SimulatedTime } from '../../pacing/simulated-time.ts';
import { ModelStore } from './model-store.ts';

interface Member {
  pacer: PooledPacer;
  session: PoolSession;
  notices: string[];
}

let members = 0;

function memberOf(store: ModelStore): Member {
  members += 1;
  const name = `member-${members}`;
  const notices: string[] = [];
  const session = new PoolSession({
    store,
    account: { run: name, id: name, session: name, name },
    join: { caps: {}, rates: {} },
    runCaps: () => ({ revision: 0 }),
    memory: undefined,
    newEpoch: () => 'epoch-1',
    waitMs: 30_000,
    onNotice: (notice) => notices.push(notice),
  });
  const pacer = new AdaptivePacer({ concurrency: 4 });
  const gate = new PoolGate({
    session,
    onPause: (pauseMs) => pacer.pause(pauseMs),
    onNotice: (notice) => notices.push(notice),
  });
  session.attach(gate);
  return { pacer: new PooledPacer({ pacer, gate, session }), session, notices };
}

describePacer('PooledPacer', () => memberOf(new ModelStore(() => performance.now())).pacer);

describe('PooledPacer', () => {
  const messages = [{ role: 'user', content: 'Read.' }] as const;
  let time: SimulatedTime;
  let store: ModelStore;
  beforeEach(() => {
    time = simulateTime();
    store = new ModelStore(() => performance.now());
  });
  afterEach(() => time.restore());

  async function acquire(pacer: PooledPacer): Promise<Permit> {
    const permit = pacer.acquire(messages);
    await time.advance(100);
    return permit;
  }

  /** Lets both ask for calls until nobody gets one any more; a call that goes is noted with its permit. */
  function keepAsking(member: Member): Permit[] {
    const permits: Permit[] = [];
    for (let count = 0; count < 3; count += 1)
      void member.pacer.acquire(messages).then(
        (permit) => permits.push(permit),
        () => undefined,
      );
    return permits;
  }

  async function bringDown(member: Member): Promise<void> {
    const permit = await acquire(member.pacer);
    for (let count = 0; count < 25; count += 1) member.pacer.noteFailure();
    member.pacer.release(permit, 'failed');
    await time.advance(1100);
  }

  test('tells a pause to all, and one that fails alone holds back nobody else', async () => {
    const [one, other] = [memberOf(store), memberOf(store)];
    await acquire(other.pacer);
    one.pacer.pause(5000, 'outage');
    await time.advance(1500);
    expect(await acquire(other.pacer)).toBeDefined();
    one.pacer.pause(20_000);
    await time.advance(1500);
    const held = keepAsking(other);
    await time.advance(15_000);
    expect(held).toHaveLength(0);
    await time.advance(6000);
    expect(held.length).toBeGreaterThan(0);
    await Promise.all([one, other].map(({ session }) => Promise.all([session.close(), time.advance(10)])));
  });

  test('lets one call of one session try a service that does not answer; all go on once it does', async () => {
    const [one, other] = [memberOf(store), memberOf(store)];
    await acquire(other.pacer);
    await bringDown(one);
    await time.advance(2000);
    const [ofOne, ofOther] = [keepAsking(one), keepAsking(other)];
    await time.advance(3000);
    expect(ofOne.length + ofOther.length).toBe(1);
    expect([one, other].filter(({ pacer }) => pacer.waitsFor !== undefined).length).toBeGreaterThan(0);
    const [prober, permits] = ofOne.length === 1 ? [one, ofOne] : [other, ofOther];
    // It fails: a longer pause, and then one more.
    prober.pacer.noteFailure();
    prober.pacer.release(permits[0] as Permit, 'failed');
    await time.advance(1000);
    expect(ofOne.length + ofOther.length).toBe(1);
    await time.advance(3000);
    expect(ofOne.length + ofOther.length).toBe(2);
    const [second, last] = ofOne.length > (permits === ofOne ? 1 : 0) ? [one, ofOne.at(-1)] : [other, ofOther.at(-1)];
    second.pacer.release(last as Permit, 'ok');
    await time.advance(2000);
    expect(ofOne.length + ofOther.length).toBe(6);
    expect(one.notices.concat(other.notices)).toContainEqual(expect.stringMatching(/^The service answers the runs/));
    await Promise.all([one, other].map(({ session }) => Promise.all([session.close(), time.advance(10)])));
  });

  test('another session tries the service when the one that did is killed', async () => {
    const [one, other] = [memberOf(store), memberOf(store)];
    await acquire(other.pacer);
    await bringDown(one);
    await time.advance(1000);
    const ofOne = keepAsking(one);
    await time.advance(1000);
    expect(ofOne).toHaveLength(1);
    one.session.fail(new Error('killed'));
    const ofOther = keepAsking(other);
    await time.advance(10_000);
    expect(ofOther).toHaveLength(0);
    await time.advance(6000);
    expect(ofOther).toHaveLength(1);
    await Promise.all([other.session.close(), time.advance(10)]);
  });

  test('gives a service up that answers nobody for minutes, in order', async () => {
    const member = memberOf(store);
    await bringDown(member);
    const end = (async () => {
      for (;;) {
        const permit = await member.pacer.acquire(messages);
        member.pacer.noteFailure();
        member.pacer.release(permit, 'failed');
      }
    })().catch((error: unknown) => error);
    await time.advance(240_000);
    expect(await end).toMatchObject({
      name: 'RunStop',
      message: expect.stringMatching(/^the service has answered no run of the pool at pool\.test:6379 for/),
    });
  });

  test('waits for a pool that does not answer, says so, and ends what waits when it stays away', async () => {
    const member = memberOf(store);
    await acquire(member.pacer);
    store.isDown = true;
    await time.advance(2000);
    expect(member.pacer.waitsFor).toBe('the pool at pool.test:6379');
    const held = keepAsking(member);
    await time.advance(10_000);
    expect(held).toHaveLength(0);
    store.isDown = false;
    await time.advance(2000);
    expect(held).toHaveLength(3);
    expect(member.pacer.waitsFor).toBeUndefined();
    store.isDown = true;
    await time.advance(2000);
    const end = member.pacer.acquire(messages).catch((error: unknown) => error);
    await time.advance(31_000);
    expect(await end).toMatchObject({ name: 'RunStop', message: expect.stringContaining('has not answered for 30 s') });
  });

  test('a process that stood still beyond its lease asks the pool before it sends anything', async () => {
    const member = memberOf(store);
    const first = await acquire(member.pacer);
    member.pacer.release(first, 'ok');
    // Time goes by and no timer fires, as for a process that is stopped.
    const now = performance.now;
    const stoodStill = 20_000;
    performance.now = () => now() + stoodStill;
    let isGone = false;
    store.isDown = true;
    void member.pacer.acquire(messages).then(
      () => (isGone = true),
      () => undefined,
    );
    await time.advance(500);
    expect(isGone).toBe(false);
    store.isDown = false;
    await time.advance(500);
    expect(isGone).toBe(true);
    performance.now = now;
    await Promise.all([member.session.close(), time.advance(10)]);
  });
});
