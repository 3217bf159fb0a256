// CPU of looking for evidence: records a second on real-sized receipts, alone and as a share of a run over the same records.
import { readFileSync } from 'node:fs';
import { findEvidence } from '../dist/index.js';

const rows = readFileSync(new URL('../fixtures/receipts.csv', import.meta.url), 'utf8')
  .split(/\r?\n(?=r-\d{3},)/)
  .slice(1);
const records = rows.map((text) => {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const amounts = text.match(/\d+[.,]\d\d/g) ?? ['0.00'];
  const data = {
    company: lines[0]?.split('"')[1] ?? lines[0],
    address: lines.slice(1, 3).join(', '),
    total: Number(amounts.at(-1).replace(',', '.')),
    date: '2026-01-31',
  };
  return { data, texts: [{ field: 'text', text }] };
});
const characters = Math.round(records.reduce((sum, { texts }) => sum + texts[0].text.length, 0) / records.length);

let done = 0;
const look = (seconds) => {
  const begin = process.cpuUsage();
  for (;;) {
    for (const { data, texts } of records) findEvidence(data, texts);
    done += records.length;
    const { user, system } = process.cpuUsage(begin);
    if ((user + system) / 1e6 >= seconds) return (user + system) / 1e6;
  }
};
look(0.5);
done = 0;
const seconds = look(2);
console.log(`evidence: ${Math.round(done / seconds)} records/s of CPU (4 fields, ${characters} characters a record)`);
