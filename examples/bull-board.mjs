// BullMQ's dashboard for the queue of a fleet: npm install @bull-board/api @bull-board/express express bullmq ioredis
// GLEANER_POOL=redis://127.0.0.1:6379 node bull-board.mjs, then http://127.0.0.1:3000. It can remove jobs: leave it on this machine.
const [{ createBullBoard }, { BullMQAdapter }, { ExpressAdapter }, { default: express }, { Queue }] = await Promise.all(
  ['@bull-board/api', '@bull-board/api/bullMQAdapter', '@bull-board/express', 'express', 'bullmq'].map(
    (name) => import(name),
  ),
);

const { hostname: host, port } = new URL(process.env.GLEANER_POOL ?? 'redis://127.0.0.1:6379');
const queue = new Queue('fleet', {
  // As --pool-prefix has it, in braces.
  prefix: '{gleaner}',
  connection: { host, port: Number(port || 6379), password: process.env.GLEANER_POOL_PASSWORD },
});
const board = new ExpressAdapter();
createBullBoard({ queues: [new BullMQAdapter(queue)], serverAdapter: board });
express()
  .use('/', board.getRouter())
  .listen(3000, '127.0.0.1', () => console.log('http://127.0.0.1:3000'));
