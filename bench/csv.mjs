// Reading CSV: a million rows beside csv-parse alone, and one header of 120,000 columns. `npm run build && node bench/csv.mjs [rows]`.
import { createReadStream, createWriteStream, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { directory, measure } from './measure.mjs';

const here = fileURLToPath(import.meta.url);
const [what, path] = process.argv.slice(2);

if (what === 'gleaner') await readWithGleaner(path);
else if (what === 'csv-parse') await readWithCsvParse(path);
else await compare(Number(what ?? 1_000_000));

async function readWithGleaner(input) {
  const { openRecords } = await import('../dist/records/open-records.js');
  let rows = 0;
  for await (const row of await openRecords(input)) rows += row.kind === 'record' ? 1 : 0;
  if (rows === 0) throw new Error('There are no rows');
}

/** With the columns as names, as gleaner gives them. */
async function readWithCsvParse(input) {
  const { parse } = await import('csv-parse');
  let rows = 0;
  for await (const row of createReadStream(input).pipe(parse({ columns: true, bom: true })))
    rows += row === null ? 0 : 1;
  if (rows === 0) throw new Error('There are no rows');
}

async function compare(rows) {
  const many = join(directory, 'many.csv');
  const stream = createWriteStream(many);
  stream.write('id,customer,text,amount\n');
  for (let index = 0; index < rows; index += 1) {
    const line = `record-${index},"Nordwind, Handel GmbH","Invoice ${index}: paper, toner and delivery by courier, terms 14 days",${index % 997}.50\n`;
    if (!stream.write(line)) await new Promise((resolve) => stream.once('drain', resolve));
  }
  stream.end();
  await finished(stream);
  const wide = join(directory, 'wide.csv');
  const columns = Array.from({ length: 120_000 }, (_, at) => `column_${at}`);
  writeFileSync(wide, `${columns.join(',')}\n${columns.map((_, at) => at).join(',')}\n`);
  const cpu = { 'csv-parse': [], gleaner: [] };
  for (let round = 0; round < 3; round += 1) {
    for (const name of Object.keys(cpu)) cpu[name].push((await measure([here, name, many])).cpuSeconds);
  }
  const [alone, ours] = [Math.min(...cpu['csv-parse']), Math.min(...cpu.gleaner)];
  console.log(`Node ${process.version}, load ${loadavg()[0].toFixed(1)}; CPU, the least of three rounds`);
  console.log(
    `${rows} rows: csv-parse ${alone.toFixed(1)} s, gleaner ${ours.toFixed(1)} s, ${(ours / alone).toFixed(2)} times`,
  );
  console.log(
    `a header of 120,000 columns and one row: ${(await measure([here, 'gleaner', wide])).cpuSeconds.toFixed(2)} s`,
  );
}
