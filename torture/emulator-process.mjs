// The service in a process of its own, so that what is killed beside it leaves it alone.
import { startEmulator } from '../dist/emulator/index.js';

const emulator = await startEmulator(JSON.parse(process.argv[2]));
process.on('disconnect', () => process.exit());
process.send({ origin: emulator.origin, baseUrl: emulator.baseUrl() });
